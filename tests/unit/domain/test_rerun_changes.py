"""What a rerun changes, for a submission and for its student."""

from typing import Any

import pytest

from grader.domain.case_changes import case_changes
from grader.domain.rerun_changes import Counted, Outcome, Row, RunScore, counted_scores, totals
from grader.domain.reruns import Only
from grader.domain.runs import RunStatus
from grader.domain.verdicts import Verdict
from tests.factories import a_case, an_assignment


def a_run(points: float | None, status: RunStatus = RunStatus.GRADED) -> RunScore:
    return RunScore(1, 1, status, "v", points, 100.0)


def a_row(
    before: float | None = 60.0,
    after: float | None = 60.0,
    status: RunStatus = RunStatus.GRADED,
    **changes: object,
) -> Row:
    """Make a row of Ann's first attempt, which stands; `status` is of the later run."""
    fields: dict[str, Any] = {
        "submission_id": 1,
        "student": "ann",
        "attempt": 1,
        "before": a_run(before, RunStatus.GRADED if before is not None else RunStatus.FAILED),
        "after": a_run(after, status),
        "stands": True,
        "outcome": None,
        "cases_differ": before != after,
        **changes,
    }
    return Row(**fields)


FAILED, PENDING = RunStatus.FAILED, RunStatus.QUEUED


@pytest.mark.parametrize(
    ("row", "only", "outcome"),
    [
        pytest.param(a_row(60, 80), Only.ALL, Outcome.APPLIED, id="gain"),
        pytest.param(a_row(60, 40), Only.ALL, Outcome.APPLIED, id="loss"),
        pytest.param(a_row(60, 80), Only.INCREASES, Outcome.APPLIED, id="gain of increases"),
        pytest.param(a_row(60, 40), Only.INCREASES, Outcome.KEPT, id="loss of increases"),
        pytest.param(a_row(), Only.INCREASES, Outcome.APPLIED, id="the same of increases"),
        pytest.param(
            a_row(cases_differ=True), Only.INCREASES, Outcome.KEPT, id="other cases, as many points"
        ),
        pytest.param(a_row(None, 10), Only.INCREASES, Outcome.APPLIED, id="first score"),
        pytest.param(a_row(60, None, FAILED), Only.ALL, Outcome.FAILED, id="failed"),
        pytest.param(a_row(60, 80, stands=False), Only.ALL, Outcome.SUPERSEDED, id="superseded"),
    ],
)
def test_applying_makes_of_a_row(row: Row, only: Only, outcome: Outcome) -> None:
    assert row.to_do(only) is outcome


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        pytest.param(a_row(), False, id="the same"),
        pytest.param(a_row(60, 80), True, id="another score"),
        pytest.param(a_row(cases_differ=True), True, id="other cases"),
        pytest.param(a_row(None, 0), True, id="a first score"),
        pytest.param(a_row(60, None, FAILED), False, id="failed"),
        pytest.param(a_row(60, None, PENDING), False, id="not yet graded"),
    ],
)
def test_row_is_changed(row: Row, changed: bool) -> None:
    assert row.changed is changed


@pytest.mark.parametrize(
    ("rows", "now", "rule", "expected"),
    [
        pytest.param([a_row(60, 90)], {1: 60, 2: 70}, "best", (70, 90), id="best becomes another"),
        pytest.param([a_row(90, 60)], {1: 90, 2: 70}, "best", (90, 70), id="best falls behind"),
        pytest.param([a_row(60, 90)], {1: 60, 2: 70}, "last", (70, 70), id="last is untouched"),
        pytest.param([a_row(None, 50)], {}, "best", (None, 50), id="first score"),
        pytest.param([a_row(60, None, FAILED)], {1: 60}, "best", (60, 60), id="failed"),
        pytest.param([a_row(60, None, PENDING)], {1: 60}, "best", (60, 60), id="pending"),
        pytest.param([a_row(60, 90, stands=False)], {1: 75}, "best", (75, 75), id="superseded"),
        pytest.param(
            [a_row(60, 90, outcome=Outcome.APPLIED)], {1: 90}, "best", (60, 90), id="applied"
        ),
        pytest.param([a_row(60, 40, outcome=Outcome.KEPT)], {1: 60}, "best", (60, 60), id="kept"),
    ],
)
def test_score_that_counts_before_and_after(
    rows: list[Row], now: dict[int, float], rule: str, expected: tuple[float, float]
) -> None:
    counted = counted_scores(rows, {"ann": now}, an_assignment(counts=rule))

    assert (counted["ann"].before, counted["ann"].after) == expected


@pytest.mark.parametrize(
    ("before", "after", "crosses", "gains", "loses"),
    [
        pytest.param(79.0, 80.0, "up", True, False, id="up to the mark"),
        pytest.param(80.0, 79.0, "down", False, True, id="below the mark"),
        pytest.param(80.0, 100.0, None, True, False, id="above it"),
        pytest.param(None, 90.0, "up", True, False, id="a first score"),
        pytest.param(None, None, None, False, False, id="no score at all"),
    ],
)
def test_pass_mark_is_crossed(
    before: float | None, after: float | None, crosses: str | None, gains: bool, loses: bool
) -> None:
    counted = Counted(before, after, 80.0)

    assert (counted.crosses, counted.gains, counted.loses) == (crosses, gains, loses)


def test_case_is_shown_where_verdict_or_points_differ_or_one_run_lacks_it() -> None:
    same, gone, new = a_case(name="same"), a_case(name="gone"), a_case(name="new")
    right = a_case(name="lost")
    wrong = a_case(name="lost", points=0.0, verdict=Verdict.WRONG_ANSWER)
    message = a_case(name="same", message="said otherwise")

    changes = case_changes([same, right, gone], [message, wrong, new])

    assert [(each.name, each.before, each.after) for each in changes] == [
        ("lost", right, wrong),
        ("new", None, new),
        ("gone", gone, None),
    ]


def test_totals_count_submissions_and_students() -> None:
    rows = [
        a_row(60, 90),
        a_row(90, 60, student="ben"),
        a_row(60, None, FAILED, student="cem"),
        a_row(10, 20, student="dee", stands=False),
    ]
    now = {"ann": {1: 60.0}, "ben": {1: 90.0}, "cem": {1: 60.0}, "dee": {1: 30.0}}

    found = totals(rows, counted_scores(rows, now, an_assignment()), 2)

    assert (found.changed, found.failed, found.superseded, found.newer_attempts) == (3, 1, 1, 2)
    assert (found.students, found.gain, found.lose) == (4, 1, 1)
    assert (found.newly_passing, found.newly_failing) == (1, 1)
    assert (found.mean_before, found.mean_after) == (60.0, 60.0)

"""Deadlines, attempts, and which of them counts."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.domain.assignments import Counts
from grader.domain.policy import admit, counting, is_late, take_turns
from grader.errors import TooOften, UploadRefused
from tests.factories import an_assignment

DUE = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
AFTER = DUE + timedelta(seconds=1)


def test_upload_past_the_deadline_is_late_and_admitted_by_default() -> None:
    assignment = an_assignment(due=DUE)

    admit(assignment, AFTER, 0)

    assert is_late(assignment, AFTER)
    assert not is_late(assignment, DUE)


@pytest.mark.parametrize(
    ("changes", "attempts", "reason", "says"),
    [
        pytest.param(
            {"due": DUE, "late_policy": "refuse"},
            0,
            "late",
            "was due Tue 1 Dec 2026, 23:59 UTC:",
            id="late",
        ),
        pytest.param(
            {"opens": AFTER + timedelta(days=1)},
            0,
            "not_open",
            "opens Wed 2 Dec 2026, 23:59 UTC:",
            id="too early",
        ),
        pytest.param({"attempt_limit": 3}, 3, "attempt_limit", "All 3", id="no attempt left"),
    ],
)
def test_upload_against_the_policy_is_refused_and_told_why(
    changes: dict[str, object], attempts: int, reason: str, says: str
) -> None:
    with pytest.raises(UploadRefused) as refusal:
        admit(an_assignment(**changes), AFTER, attempts)

    assert refusal.value.reason == reason
    assert says in str(refusal.value)


def test_used_up_attempts_tell_when_to_ask_again() -> None:
    with pytest.raises(TooOften) as refusal:
        admit(an_assignment(attempt_limit=1), AFTER, 1)

    assert refusal.value.retry_after > 0


def test_no_more_of_a_student_than_may_wait_is_taken() -> None:
    assignment = an_assignment(most_waiting=3)
    take_turns(assignment, 2)

    with pytest.raises(TooOften) as refusal:
        take_turns(assignment, 3)

    assert (refusal.value.reason, refusal.value.retry_after > 0) == ("too_many_waiting", True)


@pytest.mark.parametrize(
    ("rule", "scores", "attempt"),
    [
        pytest.param(Counts.BEST, [(1, 80.0), (2, 90.0), (3, 70.0)], 2, id="best"),
        pytest.param(Counts.BEST, [(3, 90.0), (1, 90.0)], 1, id="of equal ones the earliest"),
        pytest.param(Counts.LAST, [(2, 10.0), (1, 90.0)], 2, id="last"),
        pytest.param(Counts.BEST, [], None, id="none graded"),
    ],
)
def test_best_or_last_attempt_counts_by_the_rule(
    rule: Counts, scores: list[tuple[int, float]], attempt: int | None
) -> None:
    assert counting(rule, scores) == attempt

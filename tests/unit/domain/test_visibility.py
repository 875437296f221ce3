"""What a student may see of a graded submission."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from grader.domain.runs import RunStatus
from grader.domain.submissions import (
    Run,
    Submission,
    SubmissionView,
    shown_to_student,
    withhold,
)
from grader.domain.verdicts import CaseResult, Visibility
from tests.factories import a_case, an_assignment

DUE = datetime(2026, 12, 1, tzinfo=UTC)
HIDDEN = a_case(name="Secret", visibility=Visibility.HIDDEN, notes=("of the secret",), seconds=5.0)
SHOWN = a_case(name="Open", notes=("of the open",), seconds=0.5)


def _submission(*cases: CaseResult) -> Submission:
    run = Run(1, 1, "upload", RunStatus.GRADED, "a" * 64, 7, 1, seconds=9.0)
    run = replace(run, cases=cases, notes=("of the secret", "of the open"))
    return Submission(1, "demo", "hw4", "ann", 1, False, DUE, (), (), run)


def test_hidden_case_leaves_no_trace() -> None:
    seen, withheld = withhold(_submission(SHOWN, HIDDEN), shown_to_student(an_assignment(), DUE))

    assert withheld
    assert "ecret" not in repr(seen)
    assert seen.run.seconds == 0.5
    assert seen.score is not None
    assert seen.score.max_points == 10


def test_score_without_some_cases_does_not_say_whether_it_passes() -> None:
    seen, withheld = withhold(_submission(SHOWN, HIDDEN), shown_to_student(an_assignment(), DUE))

    view = SubmissionView(seen, 1, 10.0, for_staff=False, withheld=withheld)

    assert view.passed is None


def test_where_nothing_is_hidden_all_is_shown() -> None:
    submission = _submission(SHOWN)

    assert withhold(submission, shown_to_student(an_assignment(), DUE)) == (submission, False)


def test_case_shown_after_the_due_date_is_shown_then_and_not_before() -> None:
    assignment = an_assignment(due=DUE)

    before = shown_to_student(assignment, DUE)
    after = shown_to_student(assignment, DUE + timedelta(seconds=1))

    assert Visibility.AFTER_DUE_DATE not in before
    assert Visibility.AFTER_DUE_DATE in after
    assert Visibility.HIDDEN not in after

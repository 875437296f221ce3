"""A student's attempts at an assignment, and the one that counts."""

from datetime import UTC, datetime
from typing import Any

from grader.domain.attempts import Attempt, attempts_at
from grader.domain.runs import RunStatus
from tests.factories import an_assignment


def _attempt(number: int, points: float, **changes: object) -> Attempt:
    fields: dict[str, Any] = {
        "submission_id": number,
        "student": "ann",
        "number": number,
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "late": False,
        "status": RunStatus.GRADED,
        "points": points,
        "max_points": 100.0,
        **changes,
    }
    return Attempt(**fields)


def test_best_attempt_counts_and_passes() -> None:
    found = attempts_at(an_assignment(), [_attempt(2, 40), _attempt(1, 80)])

    assert found.counts == _attempt(1, 80)
    assert found.passed is True


def test_attempt_that_is_not_graded_counts_for_nothing() -> None:
    found = attempts_at(
        an_assignment(counts="last"), [_attempt(2, 0, status=RunStatus.QUEUED), _attempt(1, 50)]
    )

    assert found.counts is not None
    assert (found.counts.number, found.passed) == (1, False)


def test_whether_one_passed_is_unknown_while_cases_are_withheld() -> None:
    assert attempts_at(an_assignment(), [_attempt(1, 90, withheld=True)]).passed is None
    assert attempts_at(an_assignment(), []).passed is None


def test_attempts_left_are_counted_by_the_last_number() -> None:
    limited = an_assignment(attempt_limit=3)

    assert attempts_at(limited, []).left == 3
    assert attempts_at(limited, [_attempt(2, 0)]).left == 1
    assert attempts_at(limited, [_attempt(4, 0)]).left == 0
    assert attempts_at(an_assignment(), []).left is None

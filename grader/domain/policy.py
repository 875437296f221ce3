"""Whether an upload is in time, and which attempt counts."""

from collections.abc import Iterable
from datetime import datetime

from grader.domain.assignments import Assignment
from grader.errors import TooOften, UploadRefused

# Seconds. An attempt limit has no end of its own: try again when staff may have raised it.
_DAY = 86400


def admit(assignment: Assignment, now: datetime, attempts: int) -> bool:
    """Say whether an upload at `now`, after `attempts` earlier ones, is late.

    Raises:
        UploadRefused: the assignment has not opened, or is closed to late uploads.
        TooOften: no attempt is left.
    """
    if assignment.opens and now < assignment.opens:
        raise UploadRefused(
            "not_open", f"{assignment.title} opens at {assignment.opens.isoformat()}: send it then."
        )
    late = assignment.due is not None and now > assignment.due
    if late and assignment.late_policy == "refuse":
        raise UploadRefused(
            "late", f"{assignment.title} was due at {assignment.due}: ask your instructor."
        )
    if assignment.attempt_limit is not None and attempts >= assignment.attempt_limit:
        raise TooOften(
            "attempt_limit",
            f"All {assignment.attempt_limit} attempts are used: ask your instructor.",
            _DAY,
        )
    return late


def counting(rule: str, scores: Iterable[tuple[int, float]]) -> int | None:
    """Return which of the `(attempt, score)` pairs counts: by `rule` the best or the last.

    Of equal scores the earliest counts: a later upload takes nothing away.
    """
    attempts = sorted(scores)
    if not attempts:
        return None
    if rule == "last":
        return attempts[-1][0]
    return max(attempts, key=lambda pair: (pair[1], -pair[0]))[0]

"""Whether an upload is in time, and which attempt counts."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from grader.domain.assignments import Assignment, Counts, LatePolicy
from grader.domain.times import in_words
from grader.errors import TooOften, UploadRefused

# Seconds. An attempt limit has no end of its own: try again when staff may have raised it.
_DAY = 86400
_MINUTE = timedelta(minutes=1)
_SOON = 10


def is_late(assignment: Assignment, now: datetime) -> bool:
    """Return whether an upload at `now` is past the deadline."""
    return assignment.due is not None and now > assignment.due


def admit(assignment: Assignment, now: datetime, attempts: int) -> None:
    """Let a student's upload at `now` in, after `attempts` earlier ones. Staff need no admission.

    Raises:
        UploadRefused: the assignment has not opened, or is closed to late uploads.
        TooOften: no attempt is left.
    """
    title = assignment.title
    if assignment.opens and now < assignment.opens:
        opens = in_words(assignment.opens)
        raise UploadRefused("not_open", f"{title} opens {opens}: send it then.")
    if assignment.due and is_late(assignment, now) and assignment.late_policy == LatePolicy.REFUSE:
        due = in_words(assignment.due)
        raise UploadRefused("late", f"{title} was due {due}: ask your instructor.")
    limit = assignment.attempt_limit
    if limit is not None and attempts >= limit:
        message = f"All {limit} attempts are used: ask your instructor."
        raise TooOften("attempt_limit", message, _DAY)


def slow_down(assignment: Assignment, now: datetime, earlier: datetime | None) -> None:
    """Refuse an upload of a student who made `uploads_per_minute` since `earlier`.

    Raises:
        TooOften: that is less than a minute ago.
    """
    if earlier is None or now - earlier >= _MINUTE:
        return
    wait = math.ceil((earlier + _MINUTE - now).total_seconds())
    limit = assignment.uploads_per_minute
    message = f"You sent {limit} uploads within a minute: send the next in {wait} s."
    raise TooOften("rate_limit", message, max(wait, 1))


def take_turns(assignment: Assignment, waiting: int) -> None:
    """Refuse an upload for a student of whom `waiting` are not graded yet, whoever sends it.

    Raises:
        TooOften: those are as many as may wait.
    """
    if waiting >= assignment.most_waiting:
        most = assignment.most_waiting
        message = (
            f"At most {most} of a student's uploads may wait to be graded: send the next when "
            "one of them is graded."
        )
        raise TooOften("too_many_waiting", message, _SOON)


def counting(rule: Counts, scores: Iterable[tuple[int, float]]) -> int | None:
    """Return which of the `(attempt, score)` pairs counts: by `rule` the best or the last.

    Of equal scores the earliest counts: a later upload takes nothing away.
    """
    attempts = sorted(scores)
    if not attempts:
        return None
    if rule == Counts.LAST:
        return attempts[-1][0]
    return max(attempts, key=lambda pair: (pair[1], -pair[0]))[0]

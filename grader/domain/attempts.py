"""A student's attempts at an assignment, in short."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.domain.assignments import Assignment
from grader.domain.policy import counting
from grader.domain.runs import RunStatus


@dataclass(frozen=True)
class Attempt:
    """A submission in a list. `withheld`: some of its cases are not for this reader yet."""

    submission_id: int
    student: str
    number: int
    created_at: datetime
    late: bool
    status: RunStatus
    points: float  # over the cases shown, once graded
    max_points: float
    withheld: bool = False

    @property
    def graded(self) -> bool:
        """Return whether there is a score."""
        return self.status is RunStatus.GRADED


@dataclass(frozen=True)
class Attempts:
    """A student's attempts at an assignment, the newest first, and the one that counts."""

    assignment: Assignment
    made: tuple[Attempt, ...]
    counts: Attempt | None

    @property
    def passed(self) -> bool | None:
        """Whether the attempt that counts reaches the pass mark; unknown until all is shown."""
        if self.counts is None or self.counts.withheld:
            return None
        return self.counts.points >= self.assignment.pass_mark

    @property
    def left(self) -> int | None:
        """Return how many attempts are left, or None where their number has no limit."""
        if self.assignment.attempt_limit is None:
            return None
        used = self.made[0].number if self.made else 0
        return max(0, self.assignment.attempt_limit - used)


def attempts_at(assignment: Assignment, made: Sequence[Attempt]) -> Attempts:
    """Return one student's attempts, and which of them counts."""
    graded = {attempt.number: attempt for attempt in made if attempt.graded}
    scores = [(number, attempt.points) for number, attempt in graded.items()]
    best = counting(assignment.counts, scores)
    return Attempts(assignment, tuple(made), None if best is None else graded[best])

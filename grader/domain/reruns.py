"""A rerun: grading again what was graded, first proposed, then applied; and what it is to run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from grader.domain.assignments import Assignment, Counts
from grader.domain.policy import counting
from grader.domain.runs import RunStatus


class RerunState(StrEnum):
    """Where a rerun stands."""

    RUNNING = "running"
    PAUSED = "paused"
    READY = "ready"  # all runs have ended; nothing is changed yet
    APPLIED = "applied"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"  # before all runs had ended
    UNDONE = "undone"

    @property
    def under_way(self) -> bool:
        """Return whether runs may still be graded."""
        return self in (RerunState.RUNNING, RerunState.PAUSED)


class Scope(StrEnum):
    """Which submissions to an assignment are graded again."""

    ALL = "all"
    LATEST = "latest"  # each student's last attempt
    COUNTED = "counted"  # the attempt that counts
    FAILED = "failed"  # no score, by our fault
    BELOW_PASS = "below-pass"  # noqa: S105  # the mark, no word
    STALE = "stale"  # graded by another suite version than is released now


class Mode(StrEnum):
    """What happens when all runs have ended."""

    PROPOSE = "propose"
    APPLY = "apply"


class Only(StrEnum):
    """Which changes are applied."""

    ALL = "all"
    INCREASES = "increases"  # and what comes out the same, to be no longer stale


@dataclass(frozen=True)
class Wanted:
    """What somebody asks to be graded again.

    No `cases` means all of them; with some, the other results are taken from the current run.
    `student` and `submissions` leave only theirs of what `scope` says.
    """

    scope: Scope = Scope.ALL
    student: str | None = None
    submissions: tuple[int, ...] = ()
    cases: tuple[str, ...] = ()
    mode: Mode = Mode.PROPOSE


@dataclass(frozen=True)
class Candidate:
    """A submission with the run that speaks for it; `points` once graded."""

    submission_id: int
    student: str
    attempt: int
    run_id: int
    status: RunStatus
    seed: int
    version: str
    points: float | None
    stale: bool  # a case of it was judged by another suite version than is released now


@dataclass(frozen=True)
class RerunProgress:
    """How far a rerun is; `expected_seconds` by what its runs took lately, if that is known."""

    total: int
    graded: int = 0
    failed: int = 0
    running: int = 0
    expected_seconds: float | None = None

    @property
    def ended(self) -> int:
        """Return how many runs have ended."""
        return self.graded + self.failed


@dataclass(frozen=True)
class Rerun:
    """A rerun as it stands."""

    id: int
    course: str
    assignment: str
    state: RerunState
    wanted: Wanted
    suite_version: str
    started_by: str
    created_at: datetime
    ended_at: datetime | None
    applied_only: Only | None
    progress: RerunProgress


@dataclass(frozen=True)
class Moves:
    """How many submissions of a rerun have ended with a higher score, and with a lower one."""

    up: int = 0
    down: int = 0


def choose(
    wanted: Wanted, candidates: Sequence[Candidate], assignment: Assignment
) -> list[Candidate]:
    """Return the submissions that are to be graded again.

    By case, only what has a score: the other cases' results come from there.
    """
    within = [
        each
        for each in candidates
        if each.status is not RunStatus.CANCELLED
        and wanted.student in (None, each.student)
        and (not wanted.submissions or each.submission_id in wanted.submissions)
        and (not wanted.cases or each.points is not None)
    ]
    # The attempt that counts, or is the last, is so among all of a student's.
    attempts = _attempts(wanted.scope, candidates, assignment.counts)
    if attempts is not None:
        return [each for each in within if attempts.get(each.student) == each.attempt]
    return [each for each in within if _fits(wanted.scope, each, assignment.pass_mark)]


def _attempts(
    scope: Scope, candidates: Iterable[Candidate], rule: Counts
) -> Mapping[str, int | None] | None:
    """Return each student's one attempt that a scope means, None for other scopes."""
    if scope not in (Scope.LATEST, Scope.COUNTED):
        return None
    scores: dict[str, list[tuple[int, float]]] = {}
    for each in candidates:
        if scope is Scope.LATEST:
            scores.setdefault(each.student, []).append((each.attempt, 0.0))
        elif each.points is not None:
            scores.setdefault(each.student, []).append((each.attempt, each.points))
    wanted_rule = Counts.LAST if scope is Scope.LATEST else rule
    return {student: counting(wanted_rule, of) for student, of in scores.items()}


def _fits(scope: Scope, each: Candidate, pass_mark: float) -> bool:
    match scope:
        case Scope.FAILED:
            return each.status is RunStatus.FAILED
        case Scope.BELOW_PASS:
            return each.points is not None and each.points < pass_mark
        case Scope.STALE:
            return each.stale
        case _:
            return True

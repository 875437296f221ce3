"""What a rerun would change: each submission before and after, and each student's counted score."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.domain.assignments import Assignment, Counts
from grader.domain.case_changes import CaseChange
from grader.domain.policy import counting
from grader.domain.reruns import Only
from grader.domain.runs import RunStatus


class Outcome(StrEnum):
    """What became of a submission when its rerun was applied."""

    APPLIED = "applied"
    KEPT = "kept"  # it was not among what was to be applied
    SUPERSEDED = "superseded"  # something newer speaks for it, which is never overwritten
    FAILED = "failed"  # by our fault: there is nothing to apply
    UNDONE = "undone"


@dataclass(frozen=True)
class RunScore:
    """A run in short; points once graded, `error` where it failed by our fault."""

    run_id: int
    number: int
    status: RunStatus
    suite_version: str
    points: float | None
    max_points: float | None
    error: str = ""

    @property
    def score(self) -> float | None:
        """The points, of a graded run only."""
        return self.points if self.status is RunStatus.GRADED else None


@dataclass(frozen=True)
class Row:
    """One submission of a rerun: the run it would replace, and the one in its place.

    `cases_differ`: a case came out with another verdict, or is only in one of the two and not
    accepted there. `speaks`: what the rerun made of it speaks for the submission now.
    """

    submission_id: int
    student: str
    attempt: int
    before: RunScore
    after: RunScore
    stands: bool  # the submission is still spoken for by what the rerun found there
    outcome: Outcome | None
    cases_differ: bool
    speaks: bool = False

    @property
    def superseded(self) -> bool:
        """Whether something newer came in, so that this is not, or was not, applied."""
        if self.outcome is None:
            return not self.stands
        return self.outcome is Outcome.SUPERSEDED

    @property
    def failed(self) -> bool:
        """Whether it could not be graded by our fault."""
        return self.after.status is RunStatus.FAILED

    @property
    def graded(self) -> bool:
        """Whether there is something to apply."""
        return self.after.status is RunStatus.GRADED

    @property
    def changed(self) -> bool:
        """Whether the score or a case comes out otherwise."""
        return self.graded and (self.cases_differ or self.before.score != self.after.score)

    def to_do(self, only: Only) -> Outcome:
        """Return what applying makes of this."""
        if self.superseded:
            return Outcome.SUPERSEDED
        if not self.graded:
            return Outcome.FAILED
        if only is Only.INCREASES and self.changed and not self._increases:
            return Outcome.KEPT
        return Outcome.APPLIED

    @property
    def _increases(self) -> bool:
        before, after = self.before.score, self.after.score
        return after is not None and (before is None or after > before)


@dataclass(frozen=True)
class Counted:
    """A student's score that counts, before and after; None where there is none."""

    before: float | None
    after: float | None
    pass_mark: float

    @property
    def gains(self) -> bool:
        """Whether it goes up."""
        return self.after is not None and (self.before is None or self.after > self.before)

    @property
    def loses(self) -> bool:
        """Whether it goes down."""
        return self.before is not None and (self.after is None or self.after < self.before)

    @property
    def crosses(self) -> str | None:
        """`up` or `down` where the pass mark is crossed."""
        passed_before, passes_after = self._passes(self.before), self._passes(self.after)
        if passed_before == passes_after:
            return None
        return "up" if passes_after else "down"

    def _passes(self, score: float | None) -> bool:
        return score is not None and score >= self.pass_mark


@dataclass(frozen=True)
class Change:
    """A submission of a rerun with the cases that came out otherwise, and its student's score."""

    row: Row
    counted: Counted
    cases: tuple[CaseChange, ...] = ()


@dataclass(frozen=True)
class Totals:
    """A rerun in numbers: of submissions, then of students by the score that counts."""

    changed: int = 0
    failed: int = 0
    superseded: int = 0
    applied: int = 0
    kept: int = 0
    undone: int = 0
    newer_attempts: int = 0  # that came in since, and are no part of it
    students: int = 0
    gain: int = 0
    lose: int = 0
    newly_passing: int = 0
    newly_failing: int = 0
    mean_before: float | None = None
    mean_after: float | None = None


Scores = Mapping[str, Mapping[int, float]]
"""Student → attempt → the score of the run that speaks for it now."""


def moves(row: Row) -> bool:
    """Return whether a submission has, or would have, the score that the rerun gave it."""
    return row.graded and row.outcome is not Outcome.KEPT


def counted_scores(
    rows: Iterable[Row],
    now: Scores,
    assignment: Assignment,
    moved: Callable[[Row], bool] = moves,
) -> dict[str, Counted]:
    """Return the score that counts of each student of a rerun, before it and after."""
    before: dict[str, dict[int, float]] = {}
    after: dict[str, dict[int, float]] = {}
    for row in rows:
        for scores in (before, after):
            scores.setdefault(row.student, dict(now.get(row.student, {})))
        if row.superseded:
            continue
        then = row.before.score
        later = row.after.score if moved(row) else then
        for scores, score in ((before, then), (after, later)):
            scores[row.student].pop(row.attempt, None)
            if score is not None:
                scores[row.student][row.attempt] = score
    return {
        student: Counted(
            _counting(assignment.counts, before[student]),
            _counting(assignment.counts, after[student]),
            assignment.pass_mark,
        )
        for student in before
    }


def totals(
    rows: Collection[Row], counted: Mapping[str, Counted], newer_attempts: int = 0
) -> Totals:
    """Return a rerun in numbers."""
    outcomes = [row.outcome for row in rows]
    students = list(counted.values())
    return Totals(
        changed=sum(row.changed for row in rows),
        failed=sum(row.failed for row in rows),
        superseded=sum(row.superseded for row in rows),
        applied=outcomes.count(Outcome.APPLIED),
        kept=outcomes.count(Outcome.KEPT),
        undone=outcomes.count(Outcome.UNDONE),
        newer_attempts=newer_attempts,
        students=len(students),
        gain=sum(each.gains for each in students),
        lose=sum(each.loses for each in students),
        newly_passing=sum(each.crosses == "up" for each in students),
        newly_failing=sum(each.crosses == "down" for each in students),
        mean_before=_mean(each.before for each in students),
        mean_after=_mean(each.after for each in students),
    )


def _counting(rule: Counts, scores: Mapping[int, float]) -> float | None:
    attempt = counting(rule, scores.items())
    return None if attempt is None else scores[attempt]


def _mean(scores: Iterable[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return round(sum(known) / len(known), 2) if known else None

"""What applying a rerun would do, or taking it back, in numbers: told before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.domain.assignments import Assignment
from grader.domain.rerun_changes import Outcome, Row, Scores, Totals, counted_scores, totals
from grader.domain.reruns import Only


@dataclass(frozen=True)
class Effect:
    """What applying does: of submissions, and in `totals` of students too."""

    moved: int  # come out otherwise
    same: int  # come out the same, and are stale no more
    kept: int  # are not among what is to be applied
    totals: Totals


@dataclass(frozen=True)
class Undoing:
    """What taking back does, of submissions."""

    moved: int  # the score or a case becomes what it was
    same: int  # had come out the same
    left: int  # something newer speaks for them


def effect_of(rows: Sequence[Row], now: Scores, assignment: Assignment, only: Only) -> Effect:
    """Return what applying a rerun that is ready would do at this moment."""
    outcomes = {row.after.run_id: row.to_do(only) for row in rows}
    applied = {run_id for run_id, outcome in outcomes.items() if outcome is Outcome.APPLIED}
    counted = counted_scores(rows, now, assignment, lambda row: row.after.run_id in applied)
    moved = sum(row.after.run_id in applied and row.changed for row in rows)
    return Effect(
        moved=moved,
        same=len(applied) - moved,
        kept=sum(outcome is Outcome.KEPT for outcome in outcomes.values()),
        totals=totals(rows, counted),
    )


def undoing_of(rows: Sequence[Row]) -> Undoing:
    """Return what taking back an applied rerun would do at this moment."""
    applied = [row for row in rows if row.outcome is Outcome.APPLIED]
    standing = [row for row in applied if row.speaks]
    moved = sum(row.changed for row in standing)
    return Undoing(moved, len(standing) - moved, len(applied) - len(standing))

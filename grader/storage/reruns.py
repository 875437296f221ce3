"""Reruns as they stand: their states and progress."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from grader.domain.reruns import (
    Mode,
    Only,
    Rerun,
    RerunProgress,
    RerunState,
    Scope,
    Wanted,
)
from grader.domain.runs import RunStatus
from grader.storage.changes import rows_changed
from grader.storage.tables import (
    AssignmentRow,
    CourseRow,
    RerunRow,
    RerunRunRow,
    RunRow,
)

_OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)
_RECENT = 20  # ended runs, by whose pace the end is expected


def lock_assignment(session: Session, assignment_id: int) -> None:
    """Let one at a time move scores of an assignment; on SQLite writers wait anyway.

    An upload, whose submission refers to the assignment, does not wait for this kind of lock.
    """
    locked = select(AssignmentRow.id).where(AssignmentRow.id == assignment_id)
    session.scalar(locked.with_for_update(key_share=True))


def lock(session: Session, rerun_id: int) -> None:
    """Let one at a time move scores of a rerun's assignment."""
    assignment = select(RerunRow.assignment_id).where(RerunRow.id == rerun_id)
    if (assignment_id := session.scalar(assignment)) is not None:
        lock_assignment(session, assignment_id)


def find_by_key(session: Session, assignment_id: int, who: str, key: str) -> int | None:
    """Return the rerun that somebody began under an idempotency key."""
    return session.scalar(
        select(RerunRow.id).where(
            RerunRow.assignment_id == assignment_id,
            RerunRow.started_by == who,
            RerunRow.idempotency_key == key,
        )
    )


def read(session: Session, rerun_id: int, now: datetime) -> Rerun | None:
    """Return a rerun as it stands at `now`, if there is one."""
    found = _read(session, _reruns().where(RerunRow.id == rerun_id), now)
    return found[0] if found else None


@dataclass(frozen=True)
class Page:
    """Which reruns of an assignment to list: older than `before`."""

    course: str
    assignment: str
    before: int | None
    limit: int


def listed(session: Session, page: Page, now: datetime) -> list[Rerun]:
    """Return a page of reruns, newest first."""
    wanted = _reruns().where(CourseRow.name == page.course, AssignmentRow.name == page.assignment)
    if page.before is not None:
        wanted = wanted.where(RerunRow.id < page.before)
    return _read(session, wanted.order_by(RerunRow.id.desc()).limit(page.limit), now)


def move(
    session: Session, rerun_id: int, sources: Collection[RerunState], target: RerunState
) -> bool:
    """Bring a rerun from one of `sources` to `target`; return False where it is in none."""
    moved = session.execute(
        update(RerunRow)
        .where(RerunRow.id == rerun_id, RerunRow.state.in_(sources))
        .values(state=target)
    )
    return rows_changed(moved) == 1


def note_end(
    session: Session, rerun_id: int, now: datetime, applied_only: Only | None = None
) -> None:
    """Note when all runs had ended, and later which changes were applied."""
    ended = update(RerunRow).where(RerunRow.id == rerun_id)
    session.execute(ended.where(RerunRow.ended_at.is_(None)).values(ended_at=now))
    if applied_only is not None:
        session.execute(ended.values(applied_only=applied_only))


def cancel_runs(session: Session, rerun_id: int) -> None:
    """End the runs of a rerun that have not ended; a try under way is not written any more."""
    of_rerun = select(RerunRunRow.run_id).where(RerunRunRow.rerun_id == rerun_id)
    session.execute(
        update(RunRow)
        .where(RunRow.id.in_(of_rerun), RunRow.status.in_(_OPEN))
        .values(status=RunStatus.CANCELLED, owner=None, lease_until=None)
    )


def all_ended(session: Session) -> list[int]:
    """Return the running reruns of which every run has ended."""
    is_open = (
        select(RerunRunRow.run_id)
        .join(RunRow, RunRow.id == RerunRunRow.run_id)
        .where(RerunRunRow.rerun_id == RerunRow.id, RunRow.status.in_(_OPEN))
        .exists()
    )
    return list(
        session.scalars(select(RerunRow.id).where(RerunRow.state == RerunState.RUNNING, ~is_open))
    )


def _reruns() -> Select[*tuple[Any, ...]]:
    return (
        select(RerunRow, CourseRow.name, AssignmentRow.name)
        .join(AssignmentRow, AssignmentRow.id == RerunRow.assignment_id)
        .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
    )


def _read(session: Session, wanted: Select[*tuple[Any, ...]], now: datetime) -> list[Rerun]:
    rows = session.execute(wanted).all()
    counts = _counts(session, [row.id for row, _course, _assignment in rows])
    running = [
        row.id
        for row, _course, _assignment in rows
        if row.state == RerunState.RUNNING and _left(counts.get(row.id, {}))
    ]
    paces = _seconds_a_run(session, running, now) if running else {}
    return [
        Rerun(
            id=row.id,
            course=course,
            assignment=assignment,
            state=RerunState(row.state),
            wanted=_wanted(row),
            suite_version=row.suite_version,
            started_by=row.started_by,
            created_at=row.created_at,
            ended_at=row.ended_at,
            applied_only=Only(row.applied_only) if row.applied_only else None,
            progress=_progress(counts.get(row.id, {}), paces.get(row.id)),
        )
        for row, course, assignment in rows
    ]


def _wanted(row: RerunRow) -> Wanted:
    return Wanted(
        scope=Scope(row.scope),
        student=row.student,
        submissions=tuple(row.submissions),
        cases=tuple(row.cases),
        mode=Mode(row.mode),
    )


def _counts(session: Session, ids: Collection[int]) -> dict[int, dict[RunStatus, int]]:
    rows = session.execute(
        select(RerunRunRow.rerun_id, RunRow.status, func.count())
        .join(RunRow, RunRow.id == RerunRunRow.run_id)
        .where(RerunRunRow.rerun_id.in_(ids))
        .group_by(RerunRunRow.rerun_id, RunRow.status)
    )
    found: dict[int, dict[RunStatus, int]] = {}
    for rerun_id, status, number in rows:
        found.setdefault(rerun_id, {})[RunStatus(status)] = number
    return found


def _left(counts: Mapping[RunStatus, int]) -> int:
    return sum(counts.get(status, 0) for status in _OPEN)


def _progress(counts: Mapping[RunStatus, int], pace: float | None) -> RerunProgress:
    return RerunProgress(
        total=sum(counts.values()),
        graded=counts.get(RunStatus.GRADED, 0),
        failed=counts.get(RunStatus.FAILED, 0),
        running=counts.get(RunStatus.RUNNING, 0),
        expected_seconds=None if pace is None else round(pace * _left(counts), 1),
    )


def _seconds_a_run(session: Session, rerun_ids: Collection[int], now: datetime) -> dict[int, float]:
    """Return seconds from one ended run to the next: what pauses the rerun makes it longer."""
    place = func.row_number().over(
        partition_by=RerunRunRow.rerun_id, order_by=RunRow.finished_at.desc()
    )
    recent = (
        select(RerunRunRow.rerun_id, RunRow.started_at, place.label("place"))
        .join(RunRow, RunRow.id == RerunRunRow.run_id)
        .where(RerunRunRow.rerun_id.in_(rerun_ids), RunRow.finished_at.is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(recent.c.rerun_id, recent.c.started_at, recent.c.place)
        .where(recent.c.place <= _RECENT)
        .order_by(recent.c.place)
    )
    # The last row of each rerun is the run that ended first of the recent ones.
    since = {rerun_id: (started_at, number) for rerun_id, started_at, number in rows}
    return {
        rerun_id: max(0.0, (now - started_at).total_seconds() / number)
        for rerun_id, (started_at, number) in since.items()
        if started_at is not None
    }

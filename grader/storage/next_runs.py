"""Which run is next: on SQLite by their order, on PostgreSQL by the jobs that are kept for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from grader.domain.reruns import RerunState
from grader.domain.runs import RunStatus
from grader.storage import jobs, news
from grader.storage.jobs import WaitingRun
from grader.storage.tables import RerunRow, RerunRunRow, RunRow, SubmissionRow

OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)
# Who claims takes the first by this: a student's first run goes before another's second.
ORDER = (RunRow.priority, RunRow.turn, RunRow.id)
_MOST_LOOKS = 200  # at jobs of runs that may not be claimed, in one transaction
_HELD_BACK = (
    select(RerunRunRow.run_id)
    .join(RerunRow, RerunRow.id == RerunRunRow.rerun_id)
    .where(RerunRunRow.run_id == RunRow.id, RerunRow.state != RerunState.RUNNING)
)
_CLAIMABLE = (
    RunRow.status == RunStatus.QUEUED,
    or_(RunRow.not_before.is_(None), RunRow.not_before <= bindparam("now")),
    ~_HELD_BACK.exists(),
)
# Built once: to build a statement takes longer than to execute it.
_WAITING = (
    select(
        RunRow.id,
        RunRow.submission_id,
        RunRow.trigger,
        RunRow.tries,
        RunRow.suite_version,
        RunRow.seed,
        RunRow.asked_cases,
    )
    .where(*_CLAIMABLE)
    .limit(1)
)
_FIRST = _WAITING.order_by(*ORDER)
_OF_JOB = _WAITING.where(RunRow.id == bindparam("run")).with_for_update()
_FORGOTTEN = (
    select(RunRow.id, RunRow.priority, RunRow.turn)
    .where(*_CLAIMABLE, ~jobs.wait_for(RunRow.id))
    .order_by(RunRow.id)
)


def next_run(session: Session, now: datetime) -> Row[*tuple[Any, ...]] | None:
    """Return the run to claim next, which no other transaction gets meanwhile, if there is one."""
    if not jobs.are_kept(session):
        return session.execute(_FIRST, {"now": now}).first()
    for _ in range(_MOST_LOOKS):
        run_id = jobs.take(session)
        if run_id is None:
            if not enqueue_forgotten(session, now):
                return None
            continue
        # A run that was cancelled or put off meanwhile loses its job here.
        run = session.execute(_OF_JOB, {"now": now, "run": run_id}).first()
        if run is not None:
            return run
    return None


def enqueue_forgotten(session: Session, now: datetime) -> int:
    """Give a job to each run that may be claimed and has none: it came due, or lost its job."""
    if not jobs.are_kept(session) or not jobs.may_be_swept(session):
        return 0
    forgotten = session.execute(_FORGOTTEN, {"now": now}).all()
    jobs.defer(session, [WaitingRun(row.id, row.priority, row.turn) for row in forgotten])
    return len(forgotten)


def queue_again(
    session: Session, which: tuple[ColumnElement[bool], ...], values: Mapping[str, object]
) -> int:
    """Queue runs again, with `values` besides; return how many that were."""
    queued = session.execute(
        update(RunRow)
        .where(*which)
        .values(status=RunStatus.QUEUED, **values)
        .returning(RunRow.id, RunRow.priority, RunRow.turn)
    ).all()
    jobs.defer(session, [WaitingRun(row.id, row.priority, row.turn) for row in queued])
    for row in queued:
        news.tell(session, row.id)
    return len(queued)


def open_among(*submissions: ColumnElement[bool]) -> Select[int]:
    """Return the query for how many runs of a `priority` are open, of some submissions."""
    # Counted submission by submission: SQLite would go through the whole queue for a join, 4 ms
    # with 5000 that wait, and every upload asks.
    of_one = select(func.count()).where(
        RunRow.submission_id == SubmissionRow.id,
        RunRow.status.in_(OPEN),
        RunRow.priority == bindparam("priority"),
    )
    return select(func.coalesce(func.sum(of_one.scalar_subquery()), 0)).where(*submissions)

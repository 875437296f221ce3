"""Jobs: on PostgreSQL, each run that waits has one in Procrastinate's queue, deferred with it.

A job carries the run's id and is gone when a worker has claimed the run, in the same transaction:
what a killed worker held is known by the run's lease alone. SQLite has no jobs; there the runs are
the queue. Procrastinate's own worker is not used: it ends when its database does, and it fetches
jobs for slots that are not ready.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from procrastinate import sql
from procrastinate.jobs import Status
from procrastinate.manager import get_channel_for_queues
from procrastinate.types import JobToDefer
from psycopg.types.json import Jsonb
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    String,
    cast,
    column,
    exists,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from grader.storage.parts import in_parts

_QUEUE, _TASK = "runs", "grade"
CHANNEL = next(iter(get_channel_for_queues([_QUEUE])))  # where PostgreSQL tells of new jobs
_LOCK = "run:"
_TURNS = 1000  # of each of three priorities, told apart in the one number that orders jobs
_IDS = 1_400_000  # of each turn: as many as that number, which has 32 bits, leaves room for
_FIRST = 2**31 - 1
_SWEEP = 7_203_441  # any number that nobody else locks
_jobs = table("procrastinate_jobs", column("queueing_lock"), column("status"))
_WAITS = _jobs.c.status == text("'todo'")


@dataclass(frozen=True)
class WaitingRun:
    """A run that may be claimed."""

    id: int
    priority: int  # the lower goes first
    turn: int = 0  # and of equal ones the lower turn, then the lower id


def are_kept(session: Session) -> bool:
    """Return whether this database keeps jobs."""
    return session.get_bind().dialect.name == "postgresql"


def defer(session: Session, runs: Sequence[WaitingRun]) -> None:
    """Queue runs where jobs are kept, with the caller's work or not at all."""
    if not runs or not are_kept(session):
        return
    # One job at most waits for a run: what was cancelled and queued again may still have its first.
    for some in in_parts(runs):
        locks = {_lock(run.id): run for run in some}
        waiting = select(_jobs.c.queueing_lock).where(_jobs.c.queueing_lock.in_(locks), _WAITS)
        for lock in session.scalars(waiting):
            del locks[lock]
        if locks:
            _execute(session, "defer_jobs", jobs=[tuple(_job(run)) for run in locks.values()])


def take(session: Session) -> int | None:
    """Take the next job out of the queue and return its run's id, if there is one."""
    found = _execute(session, "fetch_job", queues=[_QUEUE], worker_id=None).one()
    if found.id is None:
        return None
    done = Status.SUCCEEDED.value
    _execute(session, "finish_job", job_id=found.id, status=done, delete_job=True)
    return int(found.args["run_id"])


def wait_for(run_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Say in SQL whether a run has a job that waits."""
    lock = literal(_LOCK) + cast(run_id, String)
    return exists().where(_jobs.c.queueing_lock == lock, _WAITS)


def may_be_swept(session: Session) -> bool:
    """Return whether no other process looks for runs without a job until this transaction ends."""
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SWEEP}))


def _job(run: WaitingRun) -> JobToDefer:
    return JobToDefer(
        queue_name=_QUEUE,
        task_name=_TASK,
        priority=_FIRST - _place(run),  # there the higher goes first
        lock=None,
        queueing_lock=_lock(run.id),
        args=Jsonb({"run_id": run.id}),  # type: ignore[arg-type]  # as its own connector wraps it
        scheduled_at=None,  # a run has a job when it is due
    )


def _place(run: WaitingRun) -> int:
    # Among equals a run goes by its own age: one that comes back is older than its new job.
    turn = run.priority * _TURNS + min(run.turn, _TURNS - 1)
    return turn * _IDS + run.id % _IDS


def _lock(run_id: int) -> str:
    return f"{_LOCK}{run_id}"


def _execute(session: Session, query: str, **arguments: object) -> CursorResult[Any]:
    # The library's statements, as its connectors run them, but within the session's transaction.
    return session.connection().exec_driver_sql(sql.queries[query], arguments)

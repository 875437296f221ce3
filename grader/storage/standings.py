"""How runs stand in the queue, in a query or two: many ask for it, every second."""

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from grader.domain.progress import QueuePlace, Standing
from grader.domain.runs import RunStatus
from grader.storage.next_runs import ORDER
from grader.storage.tables import RunRow

_RECENT = 20  # runs, by whose mean the next ones are expected


def standing(session: Session, run_id: int) -> Standing | None:
    """Return how a run stands, if there is such a run."""
    found = session.execute(
        select(RunRow.status, RunRow.tries, *ORDER).where(RunRow.id == run_id)
    ).first()
    if found is None:
        return None
    status = RunStatus(found.status)
    if status is not RunStatus.QUEUED:
        return Standing(status, found.tries)
    return Standing(status, found.tries, _place(session, found[2:]))


def _place(session: Session, run: tuple[int, int, int]) -> QueuePlace:
    before = tuple_(*ORDER) < run
    ahead = select(func.count()).where(RunRow.status == RunStatus.QUEUED, before)
    waiting = select(func.count()).where(RunRow.status == RunStatus.QUEUED)
    # As long as runs wait, every slot is at one: they are as many as runs are running.
    running = select(func.count()).where(RunRow.status == RunStatus.RUNNING)
    recent = (
        select(RunRow.seconds)
        .where(RunRow.status == RunStatus.GRADED, RunRow.priority == run[0])
        .order_by(RunRow.id.desc())
        .limit(_RECENT)
        .subquery()
    )
    mean = select(func.avg(recent.c.seconds))
    row = session.execute(
        select(
            ahead.scalar_subquery(),
            waiting.scalar_subquery(),
            running.scalar_subquery(),
            mean.scalar_subquery(),
        )
    ).one()
    expected = (row[0] / row[2] + 1) * row[3] if row[2] and row[3] is not None else None
    return QueuePlace(ahead=row[0], waiting=row[1], expected_seconds=expected)

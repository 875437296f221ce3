"""Workers: each says every few seconds that it is there."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader.domain.workers import Worker
from grader.storage.tables import WorkerRow

_KEPT = timedelta(hours=1)  # after a worker was last seen


def seen(session: Session, worker: Worker) -> None:
    """Note that a worker is there, and forget those that long are not."""
    session.merge(WorkerRow(**{**asdict(worker), "missing": list(worker.missing)}))
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < worker.seen_at - _KEPT))


def forget(session: Session, name: str) -> None:
    """Forget a worker that ends."""
    session.execute(delete(WorkerRow).where(WorkerRow.name == name))


def seen_since(session: Session, moment: datetime) -> list[Worker]:
    """Return the workers that were seen since a moment, the first to start first."""
    rows = session.scalars(
        select(WorkerRow)
        .where(WorkerRow.seen_at >= moment)
        .order_by(WorkerRow.started_at, WorkerRow.name)
    )
    return [
        Worker(
            name=row.name,
            host=row.host,
            slots=row.slots,
            started_at=row.started_at,
            seen_at=row.seen_at,
            missing=tuple(row.missing),
            trouble=row.trouble,
        )
        for row in rows
    ]

"""Leases: who holds runs, and what comes back from those who are lost."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from grader.domain.runs import RunStatus
from grader.storage.next_runs import enqueue_forgotten, queue_again
from grader.storage.tables import RunRow

# A worker that dies (a power cut, SIGKILL) says nothing against the run it held; one that kills
# its worker each time must still come to an end.
_MOST_TRIES = 30


def release(session: Session, owner: str) -> int:
    """Queue again what `owner` holds, at no cost to the run; return how many that were."""
    return _let_go(session, RunRow.owner == owner)


def owners(session: Session) -> list[str]:
    """Return who holds runs."""
    held = select(RunRow.owner).where(RunRow.status == RunStatus.RUNNING).distinct()
    return [owner for owner in session.scalars(held) if owner is not None]


def renew(session: Session, owner: str, lease_until: datetime) -> None:
    """Extend the lease on what `owner` holds."""
    held = update(RunRow).where(RunRow.owner == owner, RunRow.status == RunStatus.RUNNING)
    session.execute(held.values(lease_until=lease_until))


def sweep(session: Session, now: datetime) -> int:
    """Queue again every run whose lease ran out or that has no job; return how many that were."""
    lapsed = or_(RunRow.lease_until < now, RunRow.lease_until.is_(None))
    session.execute(
        update(RunRow)
        .where(RunRow.status == RunStatus.RUNNING, lapsed, RunRow.tries >= _MOST_TRIES)
        .values(
            status=RunStatus.FAILED,
            error=f"lost with its worker in {_MOST_TRIES} tries",
            finished_at=now,
            owner=None,
            lease_until=None,
        )
    )
    return _let_go(session, lapsed) + enqueue_forgotten(session, now)


def _let_go(session: Session, which: ColumnElement[bool]) -> int:
    held = (RunRow.status == RunStatus.RUNNING, which)
    return queue_again(session, held, {"owner": None, "lease_until": None})

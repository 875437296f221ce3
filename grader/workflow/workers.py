"""Who grades, in this process and in others."""

from datetime import timedelta

from grader.domain.workers import Worker
from grader.queue.owners import is_here
from grader.storage import workers
from grader.storage.database import Database
from grader.workflow.service import now

_LIVELY = timedelta(seconds=10)  # a worker says every two seconds that it is there


def live_workers(database: Database) -> list[Worker]:
    """Return the workers that said lately that they are there.

    Raises:
        StorageUnavailable: the database cannot be read.
    """
    with database.reading() as session:
        return workers.seen_since(session, now() - _LIVELY)


def healthy_here(database: Database) -> bool:
    """Return whether a worker of this machine is there, and has no trouble."""
    return any(is_here(worker.name) and not worker.trouble for worker in live_workers(database))

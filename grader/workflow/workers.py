"""Who grades, in this process and in others."""

from dataclasses import replace
from datetime import timedelta

from grader.domain.people import Identity
from grader.domain.workers import RunAtWork, Worker, WorkerNow, Workshop
from grader.errors import NotAllowed
from grader.queue.owners import is_here, same_process
from grader.storage import at_work, workers
from grader.storage.database import Database
from grader.workflow.service import Service, now

_LOST = timedelta(hours=1)  # so long a worker is told of that ended without saying so
_MOST_FAILED = 50
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


def read_workshop(service: Service, identity: Identity) -> Workshop:
    """Return who grades and what they are at, for staff; of other courses' runs only that they run.

    Raises:
        NotAllowed: a student asks.
    """
    if not identity.role.is_staff:
        raise NotAllowed("Who grades is told to staff.")
    moment = now()
    with service.database.reading() as session:
        known = workers.seen_since(session, moment - _LOST)
        running = [_seen_by(identity, run) for run in at_work.running(session)]
        failed, failures = at_work.failed(session, identity.course, _MOST_FAILED)
        waiting = at_work.waiting(session)
    return Workshop(
        workers=tuple(
            WorkerNow(
                worker,
                worker.seen_at >= moment - _LIVELY,
                tuple(run for run in running if same_process(run.owner, worker.name)),
            )
            for worker in known
        ),
        waiting=waiting,
        failed=tuple(failed),
        failures=failures,
    )


def _seen_by(identity: Identity, run: RunAtWork) -> RunAtWork:
    if identity.is_staff_of(run.course):
        return run
    return replace(run, submission_id=0, course="", assignment="", student="")

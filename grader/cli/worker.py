"""`grader worker`: slots alone, for services on the same PostgreSQL."""

import logging
import signal
import threading

import click

from grader.cli.database import database_of, open_database, require_current
from grader.cli.exits import Exit
from grader.cli.logs import set_up_logging
from grader.config import Settings
from grader.errors import StorageUnavailable, UsageError
from grader.queue.board import Board
from grader.queue.listener import Listener
from grader.queue.releases import Releases
from grader.queue.slots import SlotPool
from grader.storage.database import Database
from grader.workflow.workers import healthy_here

log = logging.getLogger(__name__)

_RUN_GRACE_SECONDS = 10.0
_PAUSE_SECONDS = 1.0  # between tries to reach the database


def run(slots: int | None) -> Exit:
    """Grade until SIGTERM or SIGINT; a database that goes away is waited for."""
    settings = Settings()
    set_up_logging(settings.log_level, settings.log_format)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    database = database_of(settings)
    try:
        if not database.is_shared:
            raise UsageError("Workers need PostgreSQL: set GRADER_DATABASE_URL as the service's.")
        if not _is_reached(database, stopping):
            return Exit.DONE
        board = Board()
        suites = Releases(database, settings.var_dir / "suites")
        pool = SlotPool(database, suites, board, slots or settings.slots)
        with Listener(database, board):
            return _grade(pool, stopping)
    finally:
        database.close()


def _is_reached(database: Database, stopping: threading.Event) -> bool:
    """Wait for the database; return False when told to stop before it could be reached.

    Raises:
        UsageError: it is not at the tables of this version.
    """
    while not stopping.is_set():
        try:
            require_current(database)
        except StorageUnavailable as error:
            log.error("the database is not reached", exc_info=error)
            stopping.wait(_PAUSE_SECONDS)
        else:
            return True
    return False


def tell_health() -> Exit:
    """Tell whether a worker of this machine grades, for those who watch over it."""
    with open_database(Settings()) as database:
        healthy = healthy_here(database)
    click.echo("A worker grades here." if healthy else "No worker grades here.", err=True)
    return Exit.DONE if healthy else Exit.OURS


def _grade(pool: SlotPool, stopping: threading.Event) -> Exit:
    pool.start()
    log.info("worker started", extra={"slots": pool.count})
    try:
        stopping.wait()
    finally:
        pool.stop(_RUN_GRACE_SECONDS)
    return Exit.DONE

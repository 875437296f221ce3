"""`grader serve`: the API and the slots in one process, and an orderly end."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvicorn
from fastapi import FastAPI

from grader.cli.database import bring_up_to_date, open_database
from grader.cli.demo import (
    Demo,
    fill_demo,
    prepare_demo,
    sign_in_lines,
    submit_line,
    watch_class,
)
from grader.cli.exits import Exit
from grader.cli.logs import set_up_logging
from grader.cli.start_releases import StartReleases
from grader.cli.suites import assignment_folders
from grader.config import Settings
from grader.domain.readiness import Finding
from grader.errors import StorageUnavailable, UsageError
from grader.queue.listener import Listener
from grader.queue.releases import Releases
from grader.queue.slots import SlotPool
from grader.storage.database import Database
from grader.web.app import create_app
from grader.web.connections import PatientProtocol, most_connections
from grader.web.site import Site
from grader.workflow.service import Service
from grader.workflow.workers import live_workers

log = logging.getLogger(__name__)

_REQUEST_GRACE_SECONDS = 5
_RUN_GRACE_SECONDS = 10.0
_BACKLOG = 2048


def run(address: tuple[str, int], *, workers: bool, demo: Demo) -> Exit:
    """Serve until SIGTERM or SIGINT."""
    settings = Settings()
    set_up_logging(settings.log_level, settings.log_format)
    signing_key = settings.signing_key()
    with _listening(*address) as listener:
        if demo is not Demo.NONE:
            bring_up_to_date(settings)
        with open_database(settings) as database:
            service = Service(database, Releases(database, settings.var_dir / "suites"))
            start = StartReleases(service, settings.slots)
            start.begin(_assignments(settings.reference_dir))
            where = settings.base_url or _url(listener)
            lines = [f"grader is at {where} (the API is described at {where}/docs)"]
            if demo is Demo.WITH_CLASS:
                fill_demo(service)
            if demo is not Demo.NONE:
                lines += sign_in_lines(where, database)
                lines += submit_line(where, service, prepare_demo(database))
            slots = settings.slots if workers else 0
            pool = SlotPool(database, service.suites, service.board, slots)
            if demo is Demo.WITH_CLASS and workers:
                watch_class(service)
            checks = {"sandbox": lambda: _sandbox(pool), "assignments": start.finding}
            if not workers:
                checks["workers"] = lambda: _workers(database)
            app = create_app(service, checks, Site(signing_key, settings.base_url))
            with Listener(database, service.board):
                _serve(app, listener, pool, lambda: click.echo("\n".join(lines)))
    return Exit.DONE


def _assignments(reference: Path) -> list[Path]:
    if not reference.is_dir():
        # What was released is in the database: the service goes on with that.
        log.warning("no folder %s (GRADER_REFERENCE_DIR): nothing new is released", reference)
    return assignment_folders(reference)


def _serve(
    app: FastAPI, listener: socket.socket, pool: SlotPool, started: Callable[[], None]
) -> None:
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        limit_concurrency=most_connections(),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_REQUEST_GRACE_SECONDS,
    )
    # The server raises the signal again when it has ended; there is still work to put back then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: pool.stop_claiming())

    def stopping() -> None:
        log.info("stopping: what is being graded may end, for %.0f s at most", _RUN_GRACE_SECONDS)
        pool.stop_claiming()

    pool.start()
    try:
        _Server(config, started, stopping).run(sockets=[listener])
    finally:
        pool.stop(_RUN_GRACE_SECONDS)


def _sandbox(pool: SlotPool) -> Finding:
    if pool.trouble:
        return Finding(False, pool.trouble)
    missing = ", ".join(pool.missing)
    return Finding(says=f"ok, without: {missing}" if missing else "ok")


def _workers(database: Database) -> Finding:
    # None is no reason to turn uploads away: they wait.
    try:
        slots = sum(worker.slots for worker in live_workers(database))
    except StorageUnavailable:
        return Finding(says="not known")
    return Finding(says=f"ok, {slots} slots" if slots else "nobody grades: start grader worker")


class _Server(uvicorn.Server):
    """A server that tells when it answers and when it is told to stop."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._tell_started = started
        self._tell_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell so."""
        await super().startup(sockets)
        if self.started:
            self._tell_started()

    def handle_exit(self, sig: int, frame: object) -> None:
        """Tell before waiting for open requests: those that wait for runs end then."""
        self._tell_stopping()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"Cannot listen on {host}:{port} ({error.strerror}): choose another with PORT=…."
            ) from error
        listener.listen(_BACKLOG)
        yield listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared with, not bound to
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

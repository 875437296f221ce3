"""A service, its workers and its PostgreSQL, as processes of this machine that tests may kill."""

import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.storage import leases
from grader.storage.database import Database
from tests.acceptance.conftest import GRADER, ROOT
from tests.postgres import PostgresServer
from tests.processes import wait_for

Process = subprocess.Popen[str]
PATIENCE = 120.0  # seconds, for what takes leases or the start of a server


class Machines:
    """A service, workers and their PostgreSQL, as processes of this machine."""

    def __init__(
        self, postgres: PostgresServer, environment: Mapping[str, str], logs: Path
    ) -> None:
        self.postgres = postgres
        self._environment = environment
        self._logs = logs
        self._started: dict[int, Process] = {}

    def serve(self) -> str:
        """Start a service that grades nothing, and return its address."""
        process = self._start(["serve", "--no-workers"])
        assert process.stdout is not None
        url = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert url is not None
        return url[0]

    def begin_to_work(self, *before: str, slots: int = 1) -> Process:
        """Start a worker."""
        return self._start(["worker", "--slots", str(slots)], before)

    def work(self, *before: str, slots: int = 1) -> Process:
        """Start a worker and wait until it may claim a run."""
        process = self.begin_to_work(*before, slots=slots)
        wait_for(lambda: "slot is ready" in self.log_of(process), "a slot that is ready")
        return process

    def who_grades(self) -> int:
        """Return the process id of the worker that holds a run."""
        database = Database(self._environment["GRADER_DATABASE_URL"])
        with database.reading() as session:
            (owner,) = leases.owners(session)
        database.close()
        return int(owner.split(":")[1])

    def log_of(self, process: Process) -> str:
        """Return what a process has logged so far."""
        return self._log(process.pid).read_text()

    def kill(self) -> None:
        """Kill outright the services and workers that still run."""
        for process in self._started.values():
            process.kill()
        for process in self._started.values():
            process.wait()

    def stop(self) -> None:
        """End all that still run."""
        for process in self._started.values():
            stop(process)
            if process.stdout is not None:
                process.stdout.close()

    def _start(self, arguments: Sequence[str], before: Sequence[str] = ()) -> Process:
        log = self._logs / f"process-{len(self._started)}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [*before, GRADER, *arguments],
                env=self._environment,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        self._started[process.pid] = process
        log.rename(self._log(process.pid))
        return process

    def _log(self, pid: int) -> Path:
        return self._logs / f"process-{pid}.log"


def stop(process: Process) -> int:
    """Tell a process to end, if it still runs, and return what it ended with."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    return process.wait(timeout=60)

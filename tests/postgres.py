"""A private PostgreSQL, which can be killed and started again."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import alive, descendants_of, is_stopped, wait_for

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MISSING = "" if _PROGRAMS else "PostgreSQL is not installed: apt-get install postgresql"


@contextmanager
def running_postgres() -> Iterator["PostgresServer"]:
    """Start a server that is gone afterwards."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


class PostgresServer:
    """A server on a unix socket, whose data outlive being killed."""

    def __init__(self) -> None:
        """Make the files, in a short path: a unix socket's name has room for 107 bytes."""
        self.folder = Path(tempfile.mkdtemp(prefix="grader-pg-"))
        self._settings = _as_someone_else(self.folder)
        self.folder.chmod(0o755)  # root without its capabilities is let in as anybody is
        self._data = self.folder / "data"
        self._password = ""
        self._runs = False
        made = ("-U", "grader", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._run("initdb", "-D", self._data, *made)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-o", options, "start")
        self._runs = True

    def kill(self) -> None:
        """Kill all its processes outright, and wait until they are gone."""
        postmaster = int((self._data / "postmaster.pid").read_text().split()[0])
        # It would start another for who comes meanwhile, and that one would hold its memory.
        os.kill(postmaster, signal.SIGSTOP)
        wait_for(lambda: is_stopped(postmaster), "a PostgreSQL that starts nothing more")
        processes = {postmaster} | descendants_of(postmaster)
        for process in sorted(processes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_for(lambda: not any(map(_is_left, processes)), "the end of PostgreSQL")
        self._runs = False

    def demand(self, password: str) -> None:
        """Let nobody in any more without a password."""
        with self._administer() as admin:
            admin.execute(f"ALTER ROLE grader PASSWORD '{password}'".encode())
            (self._data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
            admin.execute("SELECT pg_reload_conf()")
        self._password = password

    def remove(self) -> None:
        """End it where it runs, and remove its files."""
        if self._runs:
            self.kill()
        shutil.rmtree(self.folder)

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        """Give the URL of an empty database, which is gone afterwards."""
        with self._administer() as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"postgresql+psycopg://grader@/{name}?host={self.folder}"
        finally:
            with self._administer() as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _administer(self) -> psycopg.Connection[Any]:
        where = f"host={self.folder} user=grader dbname=postgres"
        return psycopg.connect(where, password=self._password, autocommit=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run([_PROGRAMS[-1] / program, *arguments], check=True, **self._settings)


def _is_left(process: int) -> bool:
    # Orphans are ours to bury where a slot in this process made it their reaper.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, os.WNOHANG)
    return alive(process)


def _as_someone_else(folder: Path) -> dict[str, Any]:
    """Return what to run PostgreSQL's programs with: they refuse to be run by root."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    if os.getuid() != 0:
        return quiet
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {**quiet, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

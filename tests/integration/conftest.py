"""Databases of both kinds."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from grader.storage import migrations
from grader.storage.database import Database
from grader.storage.tables import Table

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """Start a private PostgreSQL on a unix socket and give the socket's folder."""
    if not _PROGRAMS:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # A short path: the name of a unix socket has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="grader-pg-"))
    run = _as_someone_else(folder)
    data = folder / "data"
    initdb: list[str | Path] = [
        _PROGRAMS[-1] / "initdb",
        "-D",
        data,
        "-U",
        "grader",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    pg_ctl: list[str | Path] = [_PROGRAMS[-1] / "pg_ctl", "-D", data, "-w"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    subprocess.run([*initdb, "--no-sync"], check=True, **run)
    subprocess.run([*pg_ctl, "-o", options, "start"], check=True, **run)
    yield folder
    subprocess.run([*pg_ctl, "-m", "immediate", "stop"], check=True, **run)
    shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database of the test's own."""
    with _new_postgres(postgres_server, "of_one_test") as url:
        yield url


@pytest.fixture(scope="session")
def _shared_postgres(postgres_server: Path) -> Iterator[Database]:
    with _new_postgres(postgres_server, "shared") as url:
        database = Database(url)
        migrations.migrate(database)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a migrated, empty database of each kind that we support."""
    if request.param == "sqlite":
        sqlite = Database(f"sqlite:///{tmp_path}/grader.db")
        migrations.migrate(sqlite)
        yield sqlite
        sqlite.close()
        return
    shared: Database = request.getfixturevalue("_shared_postgres")
    yield shared
    tables = ", ".join(Table.metadata.tables)
    with shared.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


@contextmanager
def _new_postgres(server: Path, name: str) -> Iterator[str]:
    where = f"host={server} user=grader dbname=postgres"
    with psycopg.connect(where, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        yield f"postgresql+psycopg://grader@/{name}?host={server}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _as_someone_else(folder: Path) -> dict[str, Any]:
    """Return what to run PostgreSQL's programs with: they refuse to be run by root."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    if os.getuid() != 0:
        return quiet
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {**quiet, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

"""What tests of every ring share."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a private PostgreSQL on a unix socket and give its folder."""
    if not _POSTGRES:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    programs = _POSTGRES[-1].parent
    # A short path: the name of a unix socket has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="grader-pg-"))
    become: dict[str, object] = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder, **become}
    data = folder / "data"
    initdb = [programs / "initdb", "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "-N"]
    subprocess.run(initdb, check=True, **quiet)  # type: ignore[call-overload]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    pg_ctl = [programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*pg_ctl, "-o", options, "start"], check=True, **quiet)  # type: ignore[call-overload]
    yield str(folder)
    subprocess.run([*pg_ctl, "-m", "immediate", "stop"], check=True, **quiet)  # type: ignore[call-overload]
    shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database of the test's own."""
    import psycopg  # here: most tests use SQLite only

    name = f"test_{abs(hash(request.node.nodeid)):x}"
    with psycopg.connect(
        host=postgres_server, user="grader", dbname="postgres", autocommit=True
    ) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://grader@/{name}?host={postgres_server}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

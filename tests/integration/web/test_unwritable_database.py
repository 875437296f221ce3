"""A full disk, a database that may only be read: told, nothing half-stored, and over with it."""

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from grader.domain.people import Role
from grader.storage import migrations
from grader.storage.database import Database
from grader.web.app import create_app
from grader.workflow.people import create_token
from tests.releases import a_service
from tests.serving import client_at, served

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
FULL_AT = 4 << 20  # bytes
FULL_BY = ["limit of pages", "disk"] if os.getuid() == 0 else ["limit of pages"]  # root can mount
NOISE = random.Random(1)  # noqa: S311  # of no secret
Switch = Callable[[bool], None]


def _upload(client: Client) -> Response:
    # No two alike: content that is there already takes no room.
    files = {"files": ("loss.py", NOISE.randbytes(300_000))}
    response: Response = client.post(ROUTE, files=files)
    return response


@contextmanager
def _client_of(database: Database) -> Iterator[Client]:
    service = a_service(database, uploads_per_minute=1000, most_waiting=1000)
    secret = create_token(database, "ann", Role.STUDENT)
    with served(create_app(service)) as url, client_at(url) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        yield client


def _assert_nothing_is_half_stored(database: Database, submissions: int) -> None:
    asked = {
        "submission": submissions,
        "submission_file": submissions,
        "run": submissions,
        "submission WHERE current_run_id IS NULL": 0,
        "content WHERE size = 300000": submissions,
    }
    with database.engine.connect() as connection:
        found = {
            table: connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one()  # noqa: S608
            for table in asked
        }
    assert found == asked


def _assert_told(refused: Response) -> None:
    assert refused.status_code == 503
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    assert "cannot be stored" in refused.json()["detail"]


def _set_on_each_connection(database: Database, pragma: Callable[[], str]) -> None:
    @event.listens_for(database.engine, "checkout")
    def _set(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
        connection.execute(f"PRAGMA {pragma()}")


@pytest.fixture
def small_folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of its own, of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={FULL_AT}"]
    if subprocess.run(["mount", *options, "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(params=FULL_BY)
def filling_up(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Database, Callable[[], None]]]:
    """Give a database that will be full, and a switch that makes room."""
    on_disk = request.param == "disk"
    folder = request.getfixturevalue("small_folder") if on_disk else tmp_path
    database = Database(f"sqlite:///{folder}/grader.db")
    migrations.migrate(database)
    if on_disk:

        def make_room() -> None:
            subprocess.run(["mount", "-o", f"remount,size={8 * FULL_AT}", folder], check=True)
    else:
        pages = [FULL_AT // 4096]
        _set_on_each_connection(database, lambda: f"max_page_count = {pages[0]}")

        def make_room() -> None:
            pages[0] *= 8

    yield database, make_room
    database.close()


def test_full_disk_is_told_and_recovers_when_there_is_room(
    filling_up: tuple[Database, Callable[[], None]],
) -> None:
    database, make_room = filling_up
    with _client_of(database) as client:
        answers = [_upload(client)]
        while answers[-1].status_code == 201 and len(answers) < 100:
            answers.append(_upload(client))
        taken = len(answers) - 1
        listed = client.get(ROUTE)
        _assert_nothing_is_half_stored(database, taken)
        make_room()
        again = _upload(client)

    _assert_told(answers[-1])
    assert taken > 0
    assert (listed.status_code, len(listed.json()["items"])) == (200, taken)
    assert again.status_code == 201
    _assert_nothing_is_half_stored(database, taken + 1)


@pytest.fixture
def read_only_when_told(database: Database) -> Iterator[tuple[Database, Switch]]:
    """Give a database of each kind, and a switch that lets it be read only, or written."""
    if database.engine.dialect.name == "sqlite":
        state = ["OFF"]
        _set_on_each_connection(database, lambda: f"query_only = {state[0]}")

        def read_only(on: bool) -> None:
            state[0] = "ON" if on else "OFF"
    else:

        def read_only(on: bool) -> None:
            unlocked = database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with unlocked.connect() as connection:
                name = connection.engine.url.database
                connection.exec_driver_sql("SET default_transaction_read_only = off")
                connection.exec_driver_sql(
                    f"ALTER DATABASE {name} SET default_transaction_read_only = {on}"
                )
            database.engine.dispose()  # as a server that was started anew would

    yield database, read_only
    read_only(False)


def test_database_that_may_only_be_read_is_told_and_recovers(
    read_only_when_told: tuple[Database, Switch],
) -> None:
    database, read_only = read_only_when_told
    with _client_of(database) as client:
        first = _upload(client)
        read_only(True)
        refused = _upload(client)
        read = client.get(f"/api/v1/submissions/{first.json()['id']}")
        _assert_nothing_is_half_stored(database, 1)
        read_only(False)
        again = _upload(client)

    _assert_told(refused)
    assert read.status_code == 200
    assert again.status_code == 201
    _assert_nothing_is_half_stored(database, 2)


@pytest.mark.parametrize("wait", [0, 5])
def test_upload_that_is_stored_is_said_to_be_so_though_the_database_is_gone_then(
    database: Database, wait: int
) -> None:
    gone: list[bool] = []
    heard: list[bool] = []

    @event.listens_for(database.engine, "commit")
    def _lose(_connection: object) -> None:
        gone.extend(heard)

    @event.listens_for(database.engine, "before_cursor_execute")
    def _fail(*_of_the_statement: object) -> None:
        if gone:
            raise OperationalError("a statement", {}, Exception("the server is gone"))

    with _client_of(database) as client:
        heard.append(True)
        answer = client.post(ROUTE, params={"wait": wait}, files={"files": ("loss.py", b"x = 1")})
        heard.clear()
        gone.clear()
        listed = client.get(ROUTE)

    assert answer.status_code == 201
    assert [each["id"] for each in listed.json()["items"]] == [answer.json()["id"]]

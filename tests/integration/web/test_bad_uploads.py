"""Every bad upload gets its answer over HTTP, and nothing of it is stored."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Client, Response

from grader.web.app import create_app
from grader.workflow.service import Service
from tests.factories import HW4_FILES, a_zip
from tests.releases import a_service
from tests.serving import client_at, served

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
MIB = 1 << 20
FIVE = {**HW4_FILES, "extra.py": "extra"}
Parts = list[tuple[str, bytes]]


@pytest.fixture
def client_with(
    service: Service, client_of: Callable[..., Client]
) -> Iterator[Callable[..., Client]]:
    """Give a function that makes a client of a service whose assignment is otherwise."""
    with ExitStack() as stack:

        def client_with(**changes: Any) -> Client:  # noqa: ANN401
            app = create_app(a_service(service.database, **changes))
            client = stack.enter_context(client_at(stack.enter_context(served(app))))
            client.headers["Authorization"] = client_of("ann").headers["Authorization"]
            return client

        yield client_with


def _upload(client: Client, parts: Parts) -> Response:
    response: Response = client.post(ROUTE, files=[("files", part) for part in parts])
    return response


def _zip(files: dict[str, bytes], **options: Any) -> Parts:  # noqa: ANN401
    return [("a.zip", a_zip(files, **options))]


def _bomb() -> Parts:
    return _zip({"loss.py": bytes(2 * MIB)})


def _noise(size: int) -> bytes:
    return bytes(number * number % 251 for number in range(997)) * (size // 997 + 1)


@pytest.mark.parametrize(
    ("parts", "changes", "status", "reason", "says"),
    [
        pytest.param(
            [("loss.py", b"x")],
            {"partial_uploads": False},
            422,
            "missing_file",
            "classifier.py",
            id="required file missing",
        ),
        pytest.param([("notes.py", b"x")], {}, 422, "unknown_file", "notes.py", id="unknown file"),
        pytest.param(
            [("loss.py", b"x"), ("notes.txt", b"x")],
            {},
            422,
            "unknown_file",
            "notes.txt",
            id="unknown file beside",
        ),
        pytest.param(
            _zip({"notes.py": b"x"}), {}, 422, "nothing_to_grade", "loss.py", id="unknown in a zip"
        ),
        pytest.param(
            [("loss.py", bytes(MIB + 1))], {}, 413, "too_large", "loss.py", id="file over 1 MiB"
        ),
        pytest.param(
            [(name, _noise(MIB)[:MIB]) for name in FIVE],
            {"files": FIVE},
            413,
            "too_large",
            "4 MiB",
            id="files over 4 MiB together",
        ),
        pytest.param(
            [("a.zip", bytes((64 << 20) + 1))], {}, 413, "too_large", "64 MiB", id="zip over 64 MiB"
        ),
        pytest.param(_bomb(), {}, 413, "zip_bomb", "only your code", id="zip bomb"),
        pytest.param(
            [("loss.py", b"x"), ("loss.py", b"y")],
            {},
            422,
            "duplicate_file",
            "loss.py",
            id="two files for one name",
        ),
        pytest.param(
            _zip({"a/loss.py": b"x", "b/loss.py": b"y"}),
            {},
            422,
            "duplicate_file",
            "loss.py",
            id="two files for one name in a zip",
        ),
        pytest.param(
            [*_zip({"loss.py": b"x"}), ("loss.py", b"y")],
            {},
            422,
            "duplicate_file",
            "not both",
            id="zip and file",
        ),
        pytest.param(
            [("../loss.py", b"x")], {}, 422, "unsafe_path", "bare name", id="path out of its folder"
        ),
        pytest.param(_zip({"../loss.py": b"x"}), {}, 422, "unsafe_path", "loss.py", id="zip slip"),
        pytest.param(
            _zip({}, links={"loss.py": "/etc/passwd"}),
            {},
            422,
            "unsafe_path",
            "loss.py",
            id="symlink",
        ),
        pytest.param([("a.zip", b"PK\3\4?")], {}, 400, "not_a_zip", "make it anew", id="not a zip"),
        pytest.param(
            _zip({f"{number}.txt": b"" for number in range(2001)}),
            {},
            422,
            "too_many_entries",
            "2000",
            id="too many entries",
        ),
        pytest.param([("loss.py", b"")], {}, 422, "empty_file", "loss.py", id="empty file"),
        pytest.param(
            [("loss.py", b"x")],
            {"due": NOW - HOUR, "late_policy": "refuse"},
            403,
            "late",
            "was due",
            id="past the deadline",
        ),
        pytest.param(
            [("loss.py", b"x")], {"opens": NOW + HOUR}, 403, "not_open", "opens", id="not open yet"
        ),
        pytest.param(
            [("loss.py", b"x")], {"attempt_limit": 0}, 429, "attempt_limit", "used", id="attempts"
        ),
    ],
)
def test_bad_upload_is_refused_and_nothing_is_stored(
    client_with: Callable[..., Client],
    service: Service,
    parts: Parts,
    changes: dict[str, Any],
    status: int,
    reason: str,
    says: str,
) -> None:
    client = client_with(**changes)
    before = _stored(service)

    response = _upload(client, parts)

    problem = response.json()
    assert (response.status_code, problem["status"], problem["reason"]) == (status, status, reason)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert says in problem["detail"]
    assert (status == 429) == ("Retry-After" in response.headers)
    assert _stored(service) == before


@pytest.mark.parametrize(
    ("parts", "changes"),
    [
        pytest.param([("loss.py", b"def (")], {}, id="not Python"),
        pytest.param([("loss.py", b"\xff\xfe\0")], {}, id="not text"),
        pytest.param(_zip({"loss.py": b"x", "notes.py": b"y"}), {}, id="unknown beside in a zip"),
        pytest.param(
            _zip({"loss.py": b"x", "hw4.ipynb": _noise(5 * MIB)}), {}, id="notebook of 5 MiB beside"
        ),
        pytest.param([("loss.py", _noise(MIB)[:MIB])], {}, id="file of 1 MiB"),
        pytest.param([("loss.py", b"x")], {"due": NOW - HOUR}, id="late and accepted"),
    ],
)
def test_upload_that_is_odd_is_taken(
    client_with: Callable[..., Client], service: Service, parts: Parts, changes: dict[str, Any]
) -> None:
    client = client_with(**changes)
    before = _stored(service)

    response = _upload(client, parts)

    assert response.status_code == 201
    assert response.json()["late"] == ("due" in changes)
    assert _stored(service) == {table: count + 1 for table, count in before.items()}


def _stored(service: Service) -> dict[str, int]:
    tables = ("submission", "submission_file", "content", "run")
    with service.database.engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one()  # noqa: S608
            for table in tables
        }

"""`grader export`: the gradebook on stdout, beside a running service."""

import csv
import json
from collections.abc import Callable
from io import StringIO

import pytest

from tests.acceptance.conftest import PLAIN, Ran, Server

Grader = Callable[..., Ran]


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """Give a server to which the demo student has handed in, and which grades nothing."""
    server = serve("--no-workers")
    with server.client() as client:
        parts = [("files", (path.name, path.read_bytes())) for path in PLAIN.glob("*.py")]
        answer = client.post("/courses/demo/assignments/hw4/submissions", files=parts)
        assert answer.status_code == 201
    return server


@pytest.mark.usefixtures("server")
def test_each_format_is_written_alone_to_stdout(grader: Grader) -> None:
    written = {
        form: grader("export", "hw4", "--format", form) for form in ("csv", "canvas", "jsonl")
    }

    assert {ran.exit for ran in written.values()} == {0}
    header, line = csv.reader(StringIO(written["csv"].out))
    assert dict(zip(header, line, strict=True))["progress"] == "waiting"
    canvas = list(csv.reader(StringIO(written["canvas"].out)))
    assert canvas[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert canvas[1][0] == "    Points Possible"
    assert canvas[2] == ["demo-student", "", "", "demo-student", "", ""]
    (told,) = (json.loads(line) for line in written["jsonl"].out.splitlines())
    assert (told["student"], told["score"], told["waiting"]) == ("demo-student", None, 1)
    assert "1 students, 0 scores" in written["csv"].err


def test_export_says_the_same_as_the_api(grader: Grader, server: Server) -> None:
    token = grader("token", "create", "--role", "assistant").out.strip()
    with server.client(token) as client:
        book = client.get("/courses/demo/assignments/hw4/gradebook")
        as_csv = client.get("/courses/demo/assignments/hw4/gradebook.csv")

    lines = grader("export", "demo/hw4", "--format", "jsonl").out.splitlines()

    assert [json.loads(line) for line in lines] == book.json()["items"]
    assert grader("export", "hw4", "--format", "csv").out.split() == as_csv.text.split()


@pytest.mark.usefixtures("server")
def test_unknown_assignment_is_told_with_those_there_are(grader: Grader) -> None:
    ran = grader("export", "hw5", "--format", "csv")

    assert (ran.exit, ran.out) == (2, "")
    assert "There are: demo/hw4." in ran.err

"""What tests of staff's pages do first: hand in, grade as a worker would, and count questions."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from httpx import Client, Response
from sqlalchemy import Engine, event

from grader.domain.verdicts import CaseResult, Verdict
from grader.storage import runs
from grader.workflow.service import Service
from tests.factories import a_case, a_result

ASSIGNMENT = "/courses/demo/assignments/hw4"
FILE = ("loss.py", b"def forward(y):\n    return y_true\n")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\u202eevil"


def csrf_token(browser: Client) -> str:
    """Return the token that the forms of a browser's pages carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert found is not None
    return found[1]


def hand_in(browser: Client, *files: tuple[str, bytes]) -> str:
    """Hand in and return where the submission is."""
    parts = [("files", file) for file in files or (FILE,)]
    answer: Response = browser.post(
        ASSIGNMENT, files=parts, data={"csrf_token": csrf_token(browser)}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def grade(service: Service, *cases: CaseResult, **changes: object) -> None:
    """Grade what is next to given results."""
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
        assert runs.finish(session, held, a_result(*cases, **changes), now)


def fail(service: Service, error: str) -> None:
    """Let what is next fail until it is given up."""
    with service.database.writing() as session:
        for seconds in range(0, 30, 10):
            now = datetime.now(UTC) + timedelta(seconds=seconds)
            held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
            assert held is not None
            runs.fail_try(session, held, error, now)


def lost(**changes: object) -> CaseResult:
    """Make a case that was answered wrongly."""
    return a_case(**{"points": 0.0, "verdict": Verdict.WRONG_ANSWER, **changes})


@contextmanager
def asked() -> Iterator[list[str]]:
    """Give the list of what the database is asked meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def questions(browser: Client, address: str) -> int:
    """Return how often the database is asked for a page that was opened before."""
    browser.get(address)
    with asked() as statements:
        assert browser.get(address).status_code == 200
    return len(statements)

"""An overview that is open at one service hears of what comes in at another."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from grader.domain.people import Grant, Role
from grader.storage.database import Database
from grader.workflow.sign_in import make_link, sign_in_by_link
from tests.acceptance.conftest import Ran
from tests.acceptance.reruns import ROUTE, database_of
from tests.acceptance.workers.machines import PATIENCE, Machines
from tests.assignments import RIGHT
from tests.releases import no_suites


@pytest.fixture
def tutor(machines: Machines, environment: dict[str, str]) -> Iterator[httpx.Client]:
    """Give the browser of a tutor, at a service of its own."""
    url = machines.serve()
    database = Database(database_of(environment))
    link = make_link(database, Grant("tutor", Role.INSTRUCTOR))
    cookies = {"grader_session": sign_in_by_link(no_suites(database), link)}
    database.close()
    with httpx.Client(base_url=url, cookies=cookies, timeout=PATIENCE) as browser:
        yield browser


def latest(lines: Iterator[str]) -> str:
    """Return the next list of what came in last that an overview is sent."""
    for line in lines:
        if line == "event: latest":
            return "\n".join(iter(lines.__next__, ""))
    raise AssertionError("the stream ended")


def test_upload_at_one_service_appears_in_an_overview_open_at_another(
    machines: Machines, tutor: httpx.Client, grader: Callable[..., Ran]
) -> None:
    secret = grader("token", "create", "--role", "student", "--user", "zoe-meier").out.strip()
    elsewhere = f"{machines.serve()}/api/v1{ROUTE}/submissions"

    with tutor.stream("GET", f"{ROUTE}/events") as stream:
        lines = stream.iter_lines()
        before = latest(lines)
        answer = httpx.post(
            elsewhere,
            files={"files": ("answer.py", RIGHT)},
            headers={"Authorization": f"Bearer {secret}"},
            timeout=PATIENCE,
        )
        after = latest(lines)

    assert answer.status_code == 201
    assert "zoe-meier" not in before
    assert "zoe-meier" in after

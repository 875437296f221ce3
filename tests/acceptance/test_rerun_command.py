"""`grader rerun` beside a running `grader serve`, by the API and by the database."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from tests.acceptance.conftest import GRADER, ROOT, Ran
from tests.acceptance.reruns import (
    CLASS,
    PATIENCE,
    ROUTE,
    WRONG,
    begun_before,
    counted,
    enter,
    graded,
    scores,
    slow_class,
    state_of,
    until_ended,
    upload_amid,
    write_doubling,
)
from tests.assignments import RIGHT, SUITE
from tests.processes import wait_for

Grader = Callable[..., Ran]
PLUS_ONE = "def answer(x):\n    return 2 * x + 1\n"
SLOTS = 2


@dataclass(frozen=True)
class House:
    """A running service of the small assignment, and a tutor's access to it."""

    process: "subprocess.Popen[str]"
    url: str
    token: str

    @property
    def access(self) -> dict[str, str]:
        """Return what `grader` needs to ask it."""
        return {"GRADER_URL": self.url, "GRADER_TOKEN": self.token}

    def client(self) -> httpx.Client:
        """Return a client of the tutor's."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)


@pytest.fixture
def doubling(environment: dict[str, str], tmp_path: Path) -> Path:
    """Give the folder of the small assignment, the only one that the service has."""
    folder = tmp_path / "reference" / "doubling"
    write_doubling(folder, WRONG)
    environment["GRADER_REFERENCE_DIR"] = str(folder.parent)
    environment["GRADER_SLOTS"] = str(SLOTS)
    return folder


@pytest.fixture
def serve(
    environment: dict[str, str], doubling: Path, grader: Grader, tmp_path: Path
) -> Iterator[Callable[[], House]]:
    """Give a function that serves the small assignment; what it started ends with the test."""
    started: list[subprocess.Popen[str]] = []
    log = (tmp_path / "serve.log").open("a")
    assert grader("migrate").exit == 0

    def serve() -> House:
        process = subprocess.Popen(
            [GRADER, "serve"],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        url = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert url is not None
        token = grader("token", "create", "--role", "instructor", "--user", "tutor").out.strip()
        return House(process, url[0], token)

    yield serve
    for process in started:
        process.terminate()
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()
    log.close()


def rerun_by(grader: Grader, house: House, *arguments: str | Path) -> Ran:
    """Run `grader rerun` at the service."""
    return grader("rerun", *arguments, **house.access)


def test_mended_suite_is_rerun_looked_at_applied_and_undone(
    serve: Callable[[], House],
    environment: dict[str, str],
    doubling: Path,
    grader: Grader,
    tmp_path: Path,
) -> None:
    enter(environment, doubling, {"ann": RIGHT, "ben": PLUS_ONE})
    house = serve()
    junit = tmp_path / "junit.xml"
    with house.client() as client:
        before = graded(client)
        write_doubling(doubling, SUITE)
        released = grader("release", "doubling")

        ran = rerun_by(grader, house, "doubling", "--wait", "--junit", junit)
        proposed = scores(client)
        shown = rerun_by(grader, house, "show", "1")
        applied = rerun_by(grader, house, "apply", "1")
        after = scores(client)
        undone = rerun_by(grader, house, "undo", "1")
        back = scores(client)
        again = rerun_by(grader, house, "demo/doubling", "--apply", "--wait")

        assert (released.exit, ran.exit, shown.exit) == (0, 1, 0)
        assert "ann, attempt 1: 40 → 80 and passes now" in ran.out
        assert "    Second: wrong answer 0/40 → accepted 40/40" in ran.out
        assert "ben, attempt 1: 40 → 0" in ran.out
        assert "2 of 2 submissions change" in ran.out
        assert "Of 2 students 1 gain and 1 lose; 1 pass now, 0 no longer." in ran.out
        assert "ann, attempt 1: 40 → 80" in shown.out
        assert len(ElementTree.parse(junit).getroot().findall(".//failure")) == 2  # noqa: S314
        assert before == proposed == back == {"ann": 40.0, "ben": 40.0}
        assert (applied.exit, undone.exit) == (0, 0)
        assert after == {"ann": 80.0, "ben": 0.0}
        assert again.exit == 1
        assert scores(client) == after


def test_rerun_that_changes_nothing_is_exit_0(
    serve: Callable[[], House], environment: dict[str, str], doubling: Path, grader: Grader
) -> None:
    enter(environment, doubling, {"ann": RIGHT})
    house = serve()
    with house.client() as client:
        graded(client)

        ran = rerun_by(grader, house, "doubling", "--scope", "latest", "--wait")

    assert ran.exit == 0
    assert "0 of 1 submissions change" in ran.out


def test_without_a_service_named_rerun_works_at_the_database(
    serve: Callable[[], House], environment: dict[str, str], doubling: Path, grader: Grader
) -> None:
    enter(environment, doubling, {"ann": RIGHT, "ben": PLUS_ONE})
    house = serve()
    with house.client() as client:
        graded(client)
        write_doubling(doubling, SUITE)
        grader("release", "doubling")

        ran = grader("rerun", "doubling", "--student", "ann", "--case", "Second", "--wait")
        applied = grader("rerun", "apply", "1", "--only", "increases")
        entries = client.get("/audit", params={"course": "demo"}).json()["items"]

        assert ran.exit == 1
        assert "ann, attempt 1: 40 → 80 and passes now" in ran.out
        assert "ben" not in ran.out
        assert applied.exit == 0
        assert scores(client) == {"ann": 80.0, "ben": 40.0}
        assert entries[0]["who"].endswith("by grader rerun")


REFUSED = {
    "hw9": "doubling",
    "doubling --student nobody": "nobody",
    "doubling --case Third": "First",
    "show 99": "no such rerun",
    "apply 99": "no such rerun",
    "doubling --scope some": "below-pass",
}


def test_what_cannot_be_rerun_is_exit_2_by_the_api_and_by_the_database(
    serve: Callable[[], House], environment: dict[str, str], doubling: Path, grader: Grader
) -> None:
    enter(environment, doubling, {"ann": RIGHT})
    house = serve()
    with house.client() as client:
        graded(client)

    for arguments, says in REFUSED.items():
        words = arguments.split()
        for ran in (rerun_by(grader, house, *words), grader("rerun", *words)):
            assert (arguments, ran.exit) == (arguments, 2)
            assert says in ran.err


def test_rerun_survives_a_server_that_is_killed_and_counts_nothing_twice(
    serve: Callable[[], House], environment: dict[str, str], doubling: Path, grader: Grader
) -> None:
    students = slow_class()
    enter(environment, doubling, students)
    house = serve()
    with house.client() as client:
        before = graded(client)
        write_doubling(doubling, SUITE)
        assert grader("release", "doubling").exit == 0
        begun = client.post(f"{ROUTE}/reruns", json={}).json()
        until_ended(client, begun["id"], CLASS // 6)
        house.process.kill()
    house.process.wait()
    halfway = counted(environment)[2]

    with serve().client() as client:
        until_ended(client, begun["id"], CLASS)
        wait_for(lambda: state_of(client, begun["id"]) == "ready", "its being ready", PATIENCE)
        proposed = scores(client)
        client.post(f"/reruns/{begun['id']}/apply")
        after = scores(client)

    assert CLASS // 6 <= halfway < CLASS
    assert counted(environment) == (2 * CLASS, 6 * CLASS, CLASS)
    assert before == proposed == dict.fromkeys(students, 40.0)
    assert after == dict.fromkeys(students, 80.0)


def test_upload_is_graded_within_two_runs_while_a_rerun_goes_on(
    serve: Callable[[], House], environment: dict[str, str], doubling: Path
) -> None:
    enter(environment, doubling, slow_class(12, seconds=0.5))
    with serve().client() as client:
        graded(client)
        rerun = client.post(f"{ROUTE}/reruns", json={}).json()["id"]
        until_ended(client, rerun, 2)

        upload = upload_amid(client, rerun)

    # Each slot ends the run that it is at, and may have begun another as the upload came.
    assert begun_before(environment, upload) <= 2 * SLOTS

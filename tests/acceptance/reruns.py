"""A class that handed in the small assignment, and a tutor's look at what a rerun does to it."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import text

from grader.storage import runs
from grader.storage.database import Database
from grader.workflow.samples import PastAttempt, enter_class
from grader.workflow.service import Place
from tests.assignments import RIGHT, SUITE, handed_in, write_assignment
from tests.processes import wait_for
from tests.releases import released

ROUTE = "/courses/demo/assignments/doubling"
WRONG = SUITE.replace("answer(3.0), 6.0", "answer(3.0), 7.0")
_SLOW = """import time


def answer(x):
    until = time.process_time() + {seconds}
    while time.process_time() < until:
        pass
    return 2 * x
"""
CLASS = int(os.environ.get("RERUN_CLASS", "40"))  # more in the long form of what kills processes
PATIENCE = 60.0 + 2 * CLASS  # seconds, for a class on a busy machine


def write_doubling(folder: Path, suite: str) -> None:
    """Write the small assignment with limits that no busy machine meets."""
    solution = {"solution/answer.py": RIGHT.replace("2 * x", "x * 2")}
    write_assignment(folder, suite, solution, case_seconds=60, run_seconds=120)


def database_of(environment: Mapping[str, str]) -> str:
    """Return the URL of the database that processes of an environment use."""
    usual = f"sqlite:///{environment['GRADER_VAR_DIR']}/grader.db"
    return environment.get("GRADER_DATABASE_URL", usual)


def enter(environment: Mapping[str, str], folder: Path, answers: Mapping[str, str]) -> None:
    """Let students have handed in before the service is started."""
    database = Database(database_of(environment))
    service = released(database, folder, Path(environment["GRADER_VAR_DIR"]) / "suites")
    now = datetime.now(UTC)
    attempts = [
        PastAttempt(student, now, tuple(handed_in(answer).items()), runs.UPLOAD)
        for student, answer in answers.items()
    ]
    enter_class(service, Place("demo", "doubling"), attempts)
    database.close()


def slow(seconds: float) -> str:
    """Return an answer that two cases keep at work for `seconds` each."""
    return _SLOW.format(seconds=seconds)


def slow_class(size: int = CLASS, seconds: float = 0.05) -> dict[str, str]:
    """Return student → answer of a class, slow enough that there is a middle to be killed in."""
    return {f"student {number}": slow(seconds) for number in range(size)}


def scores(client: httpx.Client) -> dict[str, float | None]:
    """Return each student's score, as the list of submissions has it."""
    found: dict[str, float | None] = {}
    cursor: str | None = None
    while True:
        page: dict[str, str | int] = {"limit": 100, **({"cursor": cursor} if cursor else {})}
        answer = client.get(f"{ROUTE}/submissions", params=page).json()
        found |= {each["student"]: each["score"] for each in answer["items"]}
        cursor = answer["next"]
        if cursor is None:
            return found


def graded(client: httpx.Client) -> dict[str, float | None]:
    """Return the scores when all have one."""
    wait_for(lambda: None not in scores(client).values(), "all graded", PATIENCE)
    return scores(client)


def ended_of(client: httpx.Client, rerun: int) -> int:
    """Return how many runs of a rerun have ended."""
    ended: int = client.get(f"/reruns/{rerun}").json()["progress"]["ended"]
    return ended


def state_of(client: httpx.Client, rerun: int) -> str:
    """Return the state of a rerun."""
    state: str = client.get(f"/reruns/{rerun}").json()["state"]
    return state


def until_ended(client: httpx.Client, rerun: int, count: int) -> None:
    """Wait until so many runs of a rerun have ended."""
    wait_for(lambda: ended_of(client, rerun) >= count, f"{count} ended runs", PATIENCE)


def upload_amid(client: httpx.Client, rerun: int) -> int:
    """Hand in while a rerun goes on, and return the submission when it is graded."""
    files = {"files": ("answer.py", RIGHT.encode())}
    upload = client.post(f"{ROUTE}/submissions", params={"wait": 30}, files=files).json()
    assert upload["status"] == "graded"
    assert state_of(client, rerun) == "running"
    submission: int = upload["id"]
    return submission


def begun_before(environment: Mapping[str, str], upload: int) -> int:
    """Return how many runs of reruns were begun while a run of an upload waited."""
    asked = (
        "SELECT count(*) FROM run JOIN run AS upload ON upload.submission_id = :upload"
        " WHERE run.trigger = 'rerun'"
        " AND run.started_at BETWEEN upload.queued_at AND upload.started_at"
    )
    return int(_asked(environment, asked, upload=upload)[0])


def counted(environment: Mapping[str, str]) -> tuple[int, ...]:
    """Return how many runs, results of cases and graded runs of reruns the database has."""
    return _asked(
        environment,
        "SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM case_result),"
        " (SELECT count(*) FROM run WHERE trigger = 'rerun' AND status = 'graded')",
    )


def _asked(environment: Mapping[str, str], question: str, **values: int) -> tuple[int, ...]:
    database = Database(database_of(environment))
    with database.reading() as session:
        found = tuple(session.execute(text(question), values).one())
    database.close()
    return found

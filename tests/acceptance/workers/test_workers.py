"""`grader serve --no-workers` and `grader worker` on a real PostgreSQL, killed in turn."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.acceptance.conftest import Ran
from tests.acceptance.workers.machines import PATIENCE, Machines, stop
from tests.assignments import RIGHT
from tests.processes import wait_for

Grader = Callable[..., Ran]
_ROUTE = "/api/v1/courses/demo/assignments/doubling/submissions"
# Seconds, so that its worker is killed in the middle.
_LONG = "def answer(x):\n    n = 0\n    while n < 5 * 10**7:\n        n += 1\n    return 2 * x\n"


@pytest.fixture
def ann(machines: Machines, grader: Grader) -> Iterator[httpx.Client]:
    """Give a client of a student, and the service that it speaks to."""
    secret = grader("token", "create", "--role", "student", "--user", "ann").out.strip()
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=machines.serve(), headers=headers, timeout=PATIENCE) as client:
        yield client


def _upload(client: httpx.Client, source: str = RIGHT, wait: int = 0) -> httpx.Response:
    return client.post(_ROUTE, params={"wait": wait}, files={"files": ("answer.py", source)})


def _read(client: httpx.Client, submission: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/submissions/{submission}").json()
    return found


def _until(condition: Callable[[], bool], what: str) -> None:
    """Wait for what takes leases, or a server's start."""
    wait_for(condition, what, PATIENCE)


def test_wait_is_answered_when_another_process_has_graded(
    machines: Machines, ann: httpx.Client
) -> None:
    machines.work()

    found = _upload(ann, wait=30)

    assert found.status_code == 201
    assert (found.json()["status"], found.json()["score"]) == ("graded", 80.0)


def test_events_tell_of_a_run_that_another_process_grades(
    machines: Machines, ann: httpx.Client
) -> None:
    submission = _upload(ann).json()["id"]
    names = []

    with ann.stream("GET", f"/api/v1/submissions/{submission}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
                if names == ["queued"]:
                    machines.work()

    assert names[0] == "queued"
    assert names[-1] == "graded"


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(None, id="of this machine"),
        pytest.param(
            ["unshare", "--uts", "sh", "-c", 'hostname "machine-$$"; exec "$0" "$@"'],
            id="of another machine",
        ),
    ],
)
def test_run_of_a_killed_worker_is_taken_up_within_15_seconds(
    machines: Machines, ann: httpx.Client, named: list[str] | None
) -> None:
    if named and os.geteuid() != 0:
        pytest.skip("only root may give a process the name of another machine")
    workers = {worker.pid: worker for worker in (machines.work(*named or []) for _ in range(2))}
    submission = _upload(ann, _LONG).json()["id"]
    _until(lambda: _read(ann, submission)["status"] == "running", "the run in hand")

    holder = workers[machines.who_grades()]
    holder.kill()
    holder.wait()
    killed = time.monotonic()
    _until(lambda: _read(ann, submission)["run"]["tries"] == 2, "a second try")
    taken_up = time.monotonic() - killed

    assert taken_up < 15
    _until(lambda: _read(ann, submission)["status"] == "graded", "the grade")
    assert _read(ann, submission)["score"] == 80


def test_uploads_are_graded_once_though_postgresql_is_killed_and_started_again(
    machines: Machines, ann: httpx.Client
) -> None:
    workers = [machines.work(), machines.work()]
    accepted: list[int] = []
    enough = threading.Event()

    def hand_in() -> None:
        while not enough.is_set():
            with suppress(httpx.HTTPError):
                answer = _upload(ann)
                if answer.status_code == 201:
                    accepted.append(answer.json()["id"])

    students = [threading.Thread(target=hand_in) for _ in range(2)]
    for student in students:
        student.start()
    try:
        for more in (8, 16, 24):
            _until(lambda more=more: len(accepted) >= more, f"{more} uploads")  # type: ignore[misc]
            if more < 24:
                machines.postgres.kill()
                machines.postgres.start()
    finally:
        enough.set()
        for student in students:
            student.join()

    everything = ann.get(_ROUTE, params={"limit": 100}).json()["items"]
    ids = {submission["id"] for submission in everything}
    assert set(accepted) <= ids
    assert len(set(accepted)) == len(accepted)
    _until(lambda: {_read(ann, each)["status"] for each in ids} == {"graded"}, "every grade")
    results = [_read(ann, each) for each in ids]
    assert {result["score"] for result in results} == {80}
    assert {result["run"]["number"] for result in results} == {1}
    assert {len(result["cases"]) for result in results} == {3}
    assert sorted(result["attempt"] for result in results) == list(range(1, len(ids) + 1))
    assert [worker.poll() for worker in workers] == [None, None]


def test_workers_end_gently_and_leave_what_they_hold_to_others(
    machines: Machines, ann: httpx.Client
) -> None:
    first = machines.work(slots=2)
    ids = [_upload(ann).json()["id"] for _ in range(8)]

    code = stop(first)

    machines.work()
    assert code == 0
    _until(lambda: {_read(ann, each)["status"] for each in ids} == {"graded"}, "every grade")


def test_worker_waits_for_a_database_that_is_not_up_yet(
    machines: Machines, ann: httpx.Client
) -> None:
    submission = _upload(ann).json()["id"]
    machines.postgres.kill()

    worker = machines.begin_to_work()
    wait_for(lambda: "not reached" in machines.log_of(worker), "a worker that waits")
    machines.postgres.start()

    _until(lambda: _read(ann, submission)["status"] == "graded", "the grade")


def test_worker_without_postgresql_is_told_what_it_needs(grader: Grader) -> None:
    ran = grader("worker")

    assert ran.exit == 2
    assert "GRADER_DATABASE_URL" in ran.err

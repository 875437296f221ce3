"""Reruns on PostgreSQL, graded by workers of other processes, which are killed."""

from collections.abc import Callable
from pathlib import Path

import httpx

from tests.acceptance.conftest import Ran
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
from tests.acceptance.workers.machines import Machines
from tests.assignments import SUITE
from tests.processes import wait_for

Grader = Callable[..., Ran]
WORKERS = 2


def tutor_of(machines: Machines, grader: Grader) -> httpx.Client:
    """Start a service and its workers, and return a tutor's client of it."""
    token = grader("token", "create", "--role", "instructor", "--user", "tutor").out.strip()
    url = machines.serve()
    for _ in range(WORKERS):
        machines.begin_to_work()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=PATIENCE)


def test_rerun_survives_server_and_workers_that_are_killed_and_counts_nothing_twice(
    machines: Machines,
    environment: dict[str, str],
    doubling: Path,
    grader: Grader,
) -> None:
    students = slow_class()
    write_doubling(doubling, WRONG)
    enter(environment, doubling, students)
    with tutor_of(machines, grader) as tutor:
        before = graded(tutor)
        write_doubling(doubling, SUITE)
        assert grader("release", "doubling").exit == 0
        rerun = tutor.post(f"{ROUTE}/reruns", json={}).json()["id"]
        until_ended(tutor, rerun, CLASS // 6)
        machines.kill()
    first = counted(environment)[2]
    with tutor_of(machines, grader) as tutor:
        until_ended(tutor, rerun, first + CLASS // 6)
        machines.kill()
    second = counted(environment)[2]

    with tutor_of(machines, grader) as tutor:
        until_ended(tutor, rerun, CLASS)
        wait_for(lambda: state_of(tutor, rerun) == "ready", "its being ready", PATIENCE)
        proposed = scores(tutor)
        tutor.post(f"/reruns/{rerun}/apply")
        after = scores(tutor)

    assert CLASS // 6 <= first < second < CLASS
    assert counted(environment) == (2 * CLASS, 6 * CLASS, CLASS)
    assert before == proposed == dict.fromkeys(students, 40.0)
    assert after == dict.fromkeys(students, 80.0)


def test_upload_is_graded_within_two_runs_while_workers_grade_again(
    machines: Machines, environment: dict[str, str], doubling: Path, grader: Grader
) -> None:
    enter(environment, doubling, slow_class(12, seconds=0.5))
    with tutor_of(machines, grader) as tutor:
        graded(tutor)
        rerun = tutor.post(f"{ROUTE}/reruns", json={}).json()["id"]
        until_ended(tutor, rerun, 2)

        upload = upload_amid(tutor, rerun)

    # Each worker ends the run that it is at, and may have begun another as the upload came.
    assert begun_before(environment, upload) <= 2 * WORKERS

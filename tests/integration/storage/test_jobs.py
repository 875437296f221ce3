"""Jobs of Procrastinate, which PostgreSQL keeps beside the runs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from grader.domain.reruns import RerunState, Wanted
from grader.domain.runs import RunStatus
from grader.storage import courses, jobs, leases, rerun_start, reruns, runs
from grader.storage.database import Database
from grader.storage.rerun_start import NewRerun
from grader.storage.runs import RERUN, SAMPLE
from grader.storage.tables import RunRow
from tests.integration.storage.conftest import LATER, NOW

Enqueue = Callable[..., int]


@pytest.fixture
def database(postgresql: Database) -> Database:
    """Give PostgreSQL alone."""
    return postgresql


def _waiting(database: Database) -> list[int]:
    """Return the runs of the jobs that wait, in their order."""
    with database.reading() as session:
        found = session.execute(
            text(
                "SELECT args FROM procrastinate_jobs WHERE status = 'todo'"
                " ORDER BY priority DESC, id"
            )
        )
        return [args["run_id"] for (args,) in found]


def _claim(database: Database) -> runs.Claim | None:
    with database.writing() as session:
        return runs.claim(session, "worker", NOW, LATER)


def test_job_carries_the_id_of_its_run_alone_and_uploads_go_first(
    database: Database, enqueue: Enqueue
) -> None:
    sample, rerun, upload = enqueue(SAMPLE), enqueue(RERUN), enqueue()

    assert _waiting(database) == [upload, rerun, sample]


def test_jobs_go_by_turn_then_by_the_age_of_their_runs(
    database: Database, enqueue: Enqueue
) -> None:
    first, second, third = enqueue(), enqueue(), enqueue()
    other, others_rerun = enqueue(student="ben"), enqueue(RERUN, student="ben")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
        connection.execute(update(RunRow).where(RunRow.id == third).values(turn=10**6))
    with database.writing() as session:
        jobs.defer(session, [jobs.WaitingRun(other, 0)])

    with database.writing() as session:
        leases.sweep(session, NOW)

    assert _waiting(database) == [first, other, second, third, others_rerun]


def _rerun(database: Database) -> int:
    """Begin a rerun of all submissions and return its id."""
    with database.writing() as session:
        stored = courses.ensure_assignment(session, "demo", "hw4", "HW4")
        chosen = rerun_start.candidates(session, stored.id, "b" * 64)
        new = NewRerun(stored.id, Wanted(), "b" * 64, "ina", NOW)
        return rerun_start.add(session, new, chosen)


def test_each_run_of_a_rerun_has_a_job_from_its_beginning_behind_the_uploads(
    database: Database, enqueue: Enqueue
) -> None:
    first, second = enqueue(), enqueue(student="ben")

    _rerun(database)

    assert _waiting(database) == [first, second, second + 1, second + 2]


def test_run_of_a_rerun_that_is_held_loses_its_job_and_has_one_when_it_goes_on(
    database: Database, enqueue: Enqueue
) -> None:
    upload = enqueue()
    assert _claim(database) is not None
    rerun = _rerun(database)
    with database.writing() as session:
        reruns.move(session, rerun, (RerunState.RUNNING,), RerunState.PAUSED)
    held = _claim(database)
    while_held = _waiting(database)

    with database.writing() as session:
        reruns.move(session, rerun, (RerunState.PAUSED,), RerunState.RUNNING)
        leases.sweep(session, NOW)

    assert (held, while_held) == (None, [])
    assert _waiting(database) == [upload + 1]


def test_job_is_deferred_with_its_run_or_not_at_all(database: Database, enqueue: Enqueue) -> None:
    stored = enqueue()

    with database.reading() as session:  # commits nothing
        jobs.defer(session, [jobs.WaitingRun(stored + 1, 0)])

    assert _waiting(database) == [stored]


def test_claimed_run_has_no_job_and_one_let_go_has_one(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()
    held = _claim(database)
    while_held = _waiting(database)

    with database.writing() as session:
        leases.release(session, "worker")

    assert held is not None
    assert while_held == []
    assert _waiting(database) == [run_id]


def test_run_without_a_job_is_given_one_by_the_sweep(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")

    with database.writing() as session:
        swept = [leases.sweep(session, NOW), leases.sweep(session, NOW)]

    assert swept == [1, 0]
    assert _waiting(database) == [run_id]


def test_run_without_a_job_is_claimed_when_nothing_else_waits(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")

    held = _claim(database)

    assert held is not None
    assert held.run_id == run_id
    assert _claim(database) is None


def test_sweeps_at_the_same_moment_give_a_run_one_job(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")

    with database.writing() as first, database.writing() as second:
        swept = [leases.sweep(first, NOW), leases.sweep(second, NOW)]

    assert swept == [1, 0]
    assert len(_waiting(database)) == 1


def test_cancelled_run_is_not_claimed_by_the_job_that_it_left(
    database: Database, enqueue: Enqueue
) -> None:
    cancelled, other = enqueue(), enqueue()
    with database.engine.begin() as connection:
        connection.execute(
            update(RunRow).where(RunRow.id == cancelled).values(status=RunStatus.CANCELLED)
        )

    held = _claim(database)

    assert held is not None
    assert held.run_id == other
    assert _waiting(database) == []


def test_run_queued_again_while_its_first_job_waits_has_one_job(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()
    with database.engine.begin() as connection:
        connection.execute(update(RunRow).values(status=RunStatus.FAILED))

    with database.writing() as session:
        again = runs.retry(session, run_id, "b" * 64)

    assert again
    assert _waiting(database) == [run_id]


def test_run_that_is_put_off_has_no_job_before_it_is_due(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()
    held = _claim(database)
    assert held is not None
    with database.writing() as session:
        runs.fail_try(session, held, "no memory", NOW)

    waiting = []
    for seconds in (0, 60):
        with database.writing() as session:
            leases.sweep(session, NOW + timedelta(seconds=seconds))
        waiting.append(_waiting(database))

    assert waiting == [[], [run_id]]

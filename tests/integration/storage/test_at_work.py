"""What is graded, what waits and what failed, on either database."""

from collections.abc import Callable
from datetime import timedelta

from grader.storage import at_work, attempts, past_runs, runs
from grader.storage.database import Database
from tests.factories import a_case, a_result
from tests.integration.storage.conftest import LATER, NOW

Enqueue = Callable[..., int]


def test_run_that_waits_is_counted_until_a_slot_is_at_it(
    database: Database, enqueue: Enqueue
) -> None:
    enqueue()
    enqueue(student="ben")

    with database.writing() as session:
        before = at_work.waiting(session)
        assert runs.claim(session, "worker", NOW, LATER) is not None
        after = at_work.waiting(session)
        (running,) = at_work.running(session)

    assert (before.runs, before.since, after.runs) == (2, NOW, 1)
    assert (running.owner, running.student, running.started_at) == ("worker", "ann", NOW)
    assert (running.course, running.assignment, running.number) == ("demo", "hw4", 1)


def test_failed_submissions_are_told_of_their_course(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    for seconds in range(0, 30, 10):
        moment = NOW + timedelta(seconds=seconds)
        with database.writing() as session:
            held = runs.claim(session, "worker", moment, moment + timedelta(seconds=15))
            assert held is not None
            runs.fail_try(session, held, "full disk", moment)

    with database.reading() as session:
        (failed,), count = at_work.failed(session, "demo", 10)
        of_all = at_work.failed(session, None, 10)
        of_another = at_work.failed(session, "other", 10)

    assert (count, failed.student, failed.error, failed.tries) == (1, "ann", "full disk", 3)
    assert of_all == ([failed], 1)
    assert of_another == ([], 0)


def test_runs_and_attempts_of_a_submission_are_read(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    with database.writing() as session:
        held = runs.claim(session, "worker", NOW, LATER)
        assert held is not None
        runs.finish(session, held, a_result(a_case(points=4.0)), NOW)

    with database.reading() as session:
        (current,) = runs.read(session, [held.run_id]).values()
        (past,) = past_runs.of_submission(session, held.submission_id, current, 20)
        (attempt,) = attempts.of_student(session, "demo", "hw4", "ann")
        assert attempts.of_student(session, "demo", "hw4", "ben") == []

    assert past.speaks
    assert past.score is not None
    assert (past.score.points, past.finished_at, past.queued_at) == (4.0, NOW, NOW)
    assert attempt.submission_id == held.submission_id

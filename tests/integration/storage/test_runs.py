"""Runs as a queue: claimed once, written once, never lost. On both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from grader.domain.runs import RunStatus
from grader.domain.verdicts import Marks, Series, Verdict, Visibility
from grader.errors import SuiteFailure
from grader.storage import leases, runs
from grader.storage.database import Database
from grader.storage.runs import RERUN, Claim
from grader.storage.tables import CaseResultRow, RunRow
from tests.factories import a_case, a_result
from tests.integration.storage.conftest import FILES, LATER, NOW

Enqueue = Callable[..., int]


def _claim(database: Database, owner: str = "worker", now: datetime = NOW) -> Claim | None:
    with database.writing() as session:
        return runs.claim(session, owner, now, now + timedelta(seconds=15))


def _claimed(database: Database, owner: str = "worker", now: datetime = NOW) -> Claim:
    held = _claim(database, owner, now)
    assert held is not None
    return held


def _status(database: Database, run_id: int) -> RunStatus | None:
    with database.reading() as session:
        return runs.status(session, run_id)


def test_claim_brings_all_that_a_try_needs(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()

    held = _claimed(database)

    assert (held.run_id, held.try_number, held.owner) == (run_id, 1, "worker")
    assert (held.course, held.assignment, held.seed) == ("demo", "hw4", 2**32 - 1)
    assert held.files == FILES
    assert _status(database, run_id) is RunStatus.RUNNING
    assert _claim(database) is None


def test_uploads_go_before_reruns_and_in_their_order(database: Database, enqueue: Enqueue) -> None:
    rerun, first, second = enqueue(RERUN), enqueue(), enqueue()

    claimed = [_claimed(database).run_id for _ in range(3)]

    assert claimed == [first, second, rerun]


def test_first_run_of_a_student_goes_before_anothers_eighth(
    database: Database, enqueue: Enqueue
) -> None:
    many = [enqueue() for _ in range(8)]
    first, second = enqueue(student="ben"), enqueue(student="ben")

    claimed = [_claimed(database).run_id for _ in range(10)]

    assert claimed == [many[0], first, many[1], second, *many[2:]]


def test_run_under_way_counts_among_its_students(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    _claimed(database)
    own, others = enqueue(), enqueue(student="ben")

    claimed = [_claimed(database).run_id for _ in range(2)]

    assert claimed == [others, own]


def test_run_that_ended_costs_its_student_no_turn(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    with database.writing() as session:
        held = runs.claim(session, "worker", NOW, LATER)
        assert held is not None
        runs.finish(session, held, a_result(), LATER)
    own, others = enqueue(), enqueue(student="ben")

    claimed = [_claimed(database).run_id for _ in range(2)]

    assert claimed == [own, others]


@pytest.mark.parametrize(
    "come_back",
    [
        pytest.param(lambda session: leases.sweep(session, NOW), id="swept"),
        pytest.param(lambda session: leases.release(session, "lost"), id="released"),
    ],
)
def test_run_that_comes_back_keeps_its_turn(
    database: Database, enqueue: Enqueue, come_back: Callable[[Session], int]
) -> None:
    enqueue()
    back = enqueue()
    _claimed(database)
    assert _claimed(database, "lost", NOW - timedelta(minutes=1)).run_id == back
    first, second = enqueue(student="ben"), enqueue(student="ben")

    with database.writing() as session:
        came = come_back(session)

    assert came == 1
    assert [_claimed(database).run_id for _ in range(3)] == [first, back, second]


def test_run_that_is_tried_again_keeps_its_turn(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    _claimed(database)
    failed = enqueue()
    for minutes in (3, 2, 1):
        held = _claimed(database, now=NOW - timedelta(minutes=minutes))
        with database.writing() as session:
            runs.fail_try(session, held, "no memory", NOW - timedelta(minutes=minutes))
    first, second = enqueue(student="ben"), enqueue(student="ben")

    with database.writing() as session:
        assert runs.retry(session, failed, "b" * 64)

    assert [_claimed(database).run_id for _ in range(3)] == [first, failed, second]


# PostgreSQL plans by how much there is.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_next_run_and_a_new_runs_turn_are_found_without_going_through_the_queue(
    database: Database, enqueue: Enqueue
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3]))
    )
    enqueue()
    _claimed(database)

    plans = []
    for statement, values in asked:
        if statement.startswith("SELECT") and "run.priority" in statement:
            with database.engine.connect() as connection:
                steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                # "CONSTANT": the one row of a statement that only asks others.
                plans.append([step.detail for step in steps if "CONSTANT" not in step.detail])
    count, claim = plans
    assert not [step for step in count if "ix_run_queue" in step or "SCAN" in step]
    assert claim[0] == "SEARCH run USING INDEX ix_run_queue (status=?)"
    assert not [step for step in claim if "SCAN" in step or "B-TREE" in step]


def test_each_run_is_claimed_by_one_of_many(database: Database, enqueue: Enqueue) -> None:
    queued = {enqueue() for _ in range(12)}
    claimed: list[int] = []
    start = Barrier(4)

    def work(owner: str) -> None:
        start.wait()
        while held := _claim(database, owner):
            claimed.append(held.run_id)

    threads = [Thread(target=work, args=(f"worker {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(queued)


def test_result_is_read_back_as_it_was_written(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()
    case = a_case(
        points=2.5,
        verdict=Verdict.WRONG_ANSWER,
        message="数据 ŷ",
        hint="a hint",
        output="␀\n" * 1000,
        visibility=Visibility.HIDDEN,
        notes=("note",),
        series=(Series("loss", (0.7, 0.5), (0.0, 2.0), Marks.POINTS, "Loss", "epoch", "mean"),),
    )
    result = a_result(a_case(), case, notes=("loss.py was replaced",))
    held = _claimed(database)

    with database.writing() as session:
        written = runs.finish(session, held, result, LATER)

    with database.reading() as session:
        run = runs.read(session, [run_id])[run_id]
    assert written
    assert run.status is RunStatus.GRADED
    assert run.cases == result.cases
    assert run.notes == result.notes
    assert run.seconds == result.seconds


def test_series_stored_without_places_is_read_as_a_line(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()
    held = _claimed(database)
    with database.writing() as session:
        runs.finish(session, held, a_result(), LATER)

    with database.engine.begin() as connection:
        connection.execute(
            update(CaseResultRow).values(series=[{"name": "loss", "values": [0.7, 0.5]}])
        )

    with database.reading() as session:
        (case,) = runs.read(session, [run_id])[run_id].cases
    assert case.series == (Series("loss", (0.7, 0.5)),)


def test_runs_that_are_over_are_told_from_those_that_are_not(
    database: Database, enqueue: Enqueue
) -> None:
    graded, failed, running, queued = (enqueue() for _ in range(4))
    held = _claimed(database)
    with database.writing() as session:
        runs.finish(session, held, a_result(), LATER)
        session.execute(update(RunRow).where(RunRow.id == failed).values(status="failed"))
    assert _claimed(database).run_id == running

    with database.reading() as session:
        over = runs.over(session, [graded, failed, running, queued, queued + 1])

    assert sorted(over) == [graded, failed]


@pytest.mark.parametrize(
    "next_owner", [pytest.param("quick", id="another's"), pytest.param("slow", id="its own")]
)
def test_result_of_a_lost_try_is_not_written(
    database: Database, enqueue: Enqueue, next_owner: str
) -> None:
    run_id = enqueue()
    lost = _claimed(database, "slow")
    with database.writing() as session:
        leases.sweep(session, LATER + timedelta(seconds=1))
    held = _claimed(database, next_owner)

    with database.writing() as session:
        from_lost = runs.finish(session, lost, a_result(a_case(points=0.0)), LATER)
        lost_failure = runs.fail_try(session, lost, "too late", LATER)
        from_held = runs.finish(session, held, a_result(), LATER)
        again = runs.finish(session, held, a_result(a_case(points=0.0)), LATER)

    with database.reading() as session:
        run = runs.read(session, [run_id])[run_id]
    assert (from_lost, lost_failure, from_held, again) == (False, None, True, False)
    assert run.tries == 2
    assert [case.points for case in run.cases] == [10.0]


def test_internal_error_gives_no_score_at_all(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()
    held = _claimed(database)
    broken = a_result(a_case(), a_case(name="B", verdict=Verdict.INTERNAL_ERROR))

    with pytest.raises(SuiteFailure), database.writing() as session:
        runs.finish(session, held, broken, LATER)

    with database.reading() as session:
        run = runs.read(session, [run_id])[run_id]
    assert run.status is RunStatus.RUNNING
    assert run.cases == ()


def test_run_fails_after_three_tries_that_failed(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()
    stands = []

    for minute in range(3):
        now = NOW + timedelta(minutes=minute)
        held = _claimed(database, now=now)
        with database.writing() as session:
            stands.append(runs.fail_try(session, held, "zygote lost\x00", now))

    with database.reading() as session:
        run = runs.read(session, [run_id])[run_id]
    assert stands == [RunStatus.QUEUED, RunStatus.QUEUED, RunStatus.FAILED]
    assert run.error == "zygote lost␀"
    assert _claim(database) is None


def test_try_that_failed_is_not_followed_at_once(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    other = enqueue()
    with database.writing() as session:
        held = runs.claim(session, "worker", NOW, LATER)
        assert held is not None
        runs.fail_try(session, held, "no memory", NOW)

    assert _claimed(database).run_id == other
    assert _claim(database) is None
    assert _claimed(database, now=NOW + timedelta(minutes=1)).try_number == 2


def test_worker_lost_again_and_again_does_not_fail_a_run(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()

    for _ in range(5):
        _claimed(database)
        with database.writing() as session:
            swept = leases.sweep(session, LATER + timedelta(seconds=1))
        assert swept == 1

    assert _status(database, run_id) is RunStatus.QUEUED


def test_run_that_loses_its_worker_each_time_comes_to_an_end(
    database: Database, enqueue: Enqueue
) -> None:
    run_id = enqueue()

    for _ in range(30):
        _claimed(database)
        with database.writing() as session:
            leases.sweep(session, LATER + timedelta(seconds=1))

    assert _status(database, run_id) is RunStatus.FAILED


def test_renewed_lease_is_not_swept(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()
    _claimed(database, "alive")

    with database.writing() as session:
        leases.renew(session, "alive", LATER + timedelta(seconds=60))
        swept = leases.sweep(session, LATER + timedelta(seconds=30))

    assert swept == 0
    assert _status(database, run_id) is RunStatus.RUNNING


def test_released_run_is_queued_at_no_cost(database: Database, enqueue: Enqueue) -> None:
    run_id = enqueue()
    _claimed(database, "stopping")

    with database.writing() as session:
        released = leases.release(session, "stopping")

    assert released == 1
    assert _status(database, run_id) is RunStatus.QUEUED

"""How runs stand in the queue. On both databases."""

from collections.abc import Callable
from datetime import timedelta

from grader.domain.progress import QueuePlace, Standing
from grader.domain.runs import RunStatus
from grader.storage import runs, standings, traffic
from grader.storage.database import Database
from grader.storage.runs import RERUN, Claim
from tests.factories import a_result
from tests.integration.storage.conftest import NOW

Enqueue = Callable[..., int]


def _standing(database: Database, run_id: int) -> Standing | None:
    with database.reading() as session:
        return standings.standing(session, run_id)


def _claim(database: Database) -> Claim:
    with database.writing() as session:
        held = runs.claim(session, "worker", NOW, NOW + timedelta(seconds=15))
    assert held is not None
    return held


def test_upload_waits_behind_earlier_uploads_and_before_every_rerun(
    database: Database, enqueue: Enqueue
) -> None:
    rerun, first, second = enqueue(RERUN), enqueue(), enqueue()

    places = [_standing(database, run) for run in (first, second, rerun)]

    assert [found.place.ahead for found in places if found and found.place] == [0, 1, 2]
    assert [found.place.waiting for found in places if found and found.place] == [3, 3, 3]


def test_place_is_told_in_the_order_of_turns(database: Database, enqueue: Enqueue) -> None:
    many = [enqueue() for _ in range(3)]
    other = enqueue(student="ben")

    places = [_standing(database, run) for run in (*many, other)]
    claimed = [_claim(database).run_id for _ in range(4)]

    assert [found.place.ahead for found in places if found and found.place] == [0, 2, 3, 1]
    assert claimed == [many[0], other, many[1], many[2]]


def test_run_under_way_has_a_try_and_no_place(database: Database, enqueue: Enqueue) -> None:
    run = enqueue()
    _claim(database)

    assert _standing(database, run) == Standing(RunStatus.RUNNING, 1)


def test_wait_is_shared_by_those_who_grade(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    graded = _claim(database)
    with database.writing() as session:
        runs.finish(session, graded, a_result(seconds=4.0), NOW)
    waiting = [enqueue() for _ in range(6)][-1]
    _claim(database)
    _claim(database)

    found = _standing(database, waiting)

    assert found is not None
    assert found.place == QueuePlace(ahead=3, waiting=4, expected_seconds=10.0)


def test_where_nobody_grades_no_wait_is_promised(database: Database, enqueue: Enqueue) -> None:
    found = _standing(database, enqueue())

    assert found == Standing(RunStatus.QUEUED, 0, QueuePlace(0, 1, None))


def test_run_that_is_not_there_stands_nowhere(database: Database) -> None:
    assert _standing(database, 999) is None


def test_traffic_counts_runs_of_all_kinds(database: Database, enqueue: Enqueue) -> None:
    for _ in range(3):
        enqueue()
    graded, lost = _claim(database), _claim(database)
    with database.writing() as session:
        runs.finish(session, graded, a_result(seconds=0.2), NOW)
        runs.fail_try(session, lost, "lost", NOW)

    with database.reading() as session:
        found = traffic.traffic(session)

    assert (found.by_status[RunStatus.QUEUED], found.by_status[RunStatus.GRADED]) == (2, 1)
    assert (found.tries, found.failures, found.oldest_queued) == (2, 1, NOW)
    assert (found.within[0.1], found.within[0.25], found.graded, found.seconds) == (0, 1, 1, 0.2)


def test_traffic_of_an_empty_database_is_none(database: Database) -> None:
    with database.reading() as session:
        found = traffic.traffic(session)

    assert (set(found.by_status.values()), found.oldest_queued) == ({0}, None)
    assert (found.tries, found.failures, found.graded, found.seconds) == (0, 0, 0, 0.0)

"""Attempts in short. On both databases."""

from collections.abc import Callable
from datetime import timedelta

from grader.domain.attempts import Attempt
from grader.domain.runs import RunStatus
from grader.domain.verdicts import CaseResult, Visibility
from grader.storage import attempts, people, runs
from grader.storage.attempts import StoredAttempt
from grader.storage.database import Database
from tests.factories import a_case, a_result
from tests.integration.storage.conftest import NOW

Enqueue = Callable[..., int]
VISIBLE, HIDDEN = Visibility.VISIBLE, Visibility.HIDDEN


def _grade(database: Database, *cases: CaseResult) -> None:
    with database.writing() as session:
        held = runs.claim(session, "worker", NOW, NOW + timedelta(seconds=15))
        assert held is not None
        assert runs.finish(session, held, a_result(*cases), NOW)


def _anns(database: Database) -> list[StoredAttempt]:
    with database.writing() as session:
        return attempts.of_person(session, people.ensure_person(session, "ann"))


def test_points_are_summed_over_the_cases_shown(database: Database, enqueue: Enqueue) -> None:
    enqueue()
    secret = a_case(name="B", points=3.5, max_points=5.0, visibility=HIDDEN)
    _grade(database, a_case(name="A"), secret, a_case(name="C", points=0.5))

    (stored,) = _anns(database)

    assert stored.seen({VISIBLE}) == Attempt(
        submission_id=stored.submission_id,
        student="ann",
        number=1,
        created_at=NOW,
        late=False,
        status=RunStatus.GRADED,
        points=10.5,
        max_points=20.0,
        withheld=True,
    )
    everything = stored.seen({VISIBLE, HIDDEN})
    assert (everything.points, everything.max_points, everything.withheld) == (14.0, 25.0, False)


def test_attempts_are_listed_newest_first_and_graded_or_not(
    database: Database, enqueue: Enqueue
) -> None:
    enqueue()
    _grade(database, a_case())
    enqueue()

    found = [each.seen({VISIBLE}) for each in _anns(database)]

    assert [(each.number, each.graded, each.points) for each in found] == [
        (2, False, 0.0),
        (1, True, 10.0),
    ]


def test_last_attempts_of_an_assignment_are_no_more_than_asked_for(
    database: Database, enqueue: Enqueue
) -> None:
    for _ in range(3):
        enqueue()

    with database.reading() as session:
        found = attempts.of_assignment(session, "demo", "hw4", most=2)
        elsewhere = attempts.of_assignment(session, "demo", "hw5", most=2)

    assert [each.number for each in found] == [3, 2]
    assert elsewhere == []


def test_cases_to_come_are_those_that_were_shown_last_time(
    database: Database, enqueue: Enqueue
) -> None:
    enqueue()
    waiting = enqueue()
    with database.reading() as session:
        before = attempts.cases_last_time(session, waiting, {VISIBLE})
    _grade(database, a_case(name="A"), a_case(name="B", visibility=HIDDEN))

    with database.reading() as session:
        after = attempts.cases_last_time(session, waiting, {VISIBLE})

    assert (before, after) == (None, 1)

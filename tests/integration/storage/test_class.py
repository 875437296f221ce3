"""How the students of a class stand. On both databases."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from grader.domain.assignments import Counts
from grader.domain.gradebook import Cell, Entry
from grader.domain.people import Role
from grader.domain.runs import RunStatus
from grader.domain.statistics import Queue, Spell, case_statistics
from grader.domain.verdicts import CaseResult, Verdict
from grader.storage import courses, gradebook, parts, people, runs, statistics, submissions
from grader.storage.courses import StoredAssignment
from grader.storage.database import Database
from grader.storage.runs import UPLOAD, NewRun
from grader.storage.submissions import NewSubmission
from grader.storage.tables import CaseResultRow, RunRow
from tests.factories import a_case, a_result
from tests.integration.storage.conftest import NOW

_VERSION, _OLDER = "a" * 16, "b" * 16


def _assignment(database: Database) -> StoredAssignment:
    with database.writing() as session:
        return courses.ensure_assignment(session, "demo", "hw4", "HW4")


def _enrol(database: Database, student: str, role: Role = Role.STUDENT) -> None:
    stored = _assignment(database)
    with database.writing() as session:
        person = people.ensure_person(session, student)
        people.enrol(session, stored.course_id, person, role)


def _hand_in(database: Database, student: str, at: datetime = NOW, *, late: bool = False) -> int:
    """Store a submission of somebody on the roster, and return its run's id."""
    _enrol(database, student)
    stored = _assignment(database)
    with database.writing() as session:
        person = people.ensure_person(session, student)
        attempt = submissions.attempts_made(session, stored.id, person) + 1
        new = NewSubmission(stored.id, person, attempt, late, at, {"loss.py": b"x"})
        submission_id = submissions.add(session, new)
        return runs.add(session, NewRun(submission_id, UPLOAD, _VERSION, 1, at))


def _grade(database: Database, *cases: CaseResult, version: str = _VERSION) -> None:
    """Grade what is next to given results."""
    with database.writing() as session:
        held = runs.claim(session, "worker", NOW, NOW + timedelta(seconds=15))
        assert held is not None
        assert runs.finish(session, held, a_result(*cases, suite_version=version), NOW)


def _scored(database: Database, student: str, points: float, *, late: bool = False) -> int:
    run = _hand_in(database, student, late=late)
    _grade(database, a_case(points=points, max_points=100.0))
    return run


def _entries(database: Database, rule: Counts = Counts.BEST) -> dict[str, Entry]:
    stored = _assignment(database)
    with database.reading() as session:
        found = gradebook.entries(session, stored, rule, _VERSION)
    return {entry.student: entry for entry in found}


@pytest.mark.parametrize(
    ("rule", "scores", "attempt"),
    [
        pytest.param(Counts.BEST, (20.0, 90.0, 80.0), 2, id="the best"),
        pytest.param(Counts.BEST, (90.0, 90.0), 1, id="of equal ones the earliest"),
        pytest.param(Counts.BEST, (0.0,), 1, id="none of the points"),
        pytest.param(Counts.BEST, (66.666666, 66.666667), 2, id="a hair better"),
        pytest.param(Counts.LAST, (90.0, 20.0), 2, id="the last"),
    ],
)
def test_attempt_that_counts_by_the_rule(
    database: Database, rule: Counts, scores: Sequence[float], attempt: int
) -> None:
    made = [_scored(database, "ann", points) for points in scores]

    counted = _entries(database, rule)["ann"].counted

    assert counted is not None
    assert (counted.attempt, counted.points) == (attempt, scores[attempt - 1])
    assert counted.run_id == made[attempt - 1]


def test_each_student_of_the_roster_has_an_entry_and_staff_have_none(database: Database) -> None:
    _enrol(database, "ben")
    _enrol(database, "tutor", Role.ASSISTANT)
    _scored(database, "ann", 50.0, late=True)

    found = _entries(database)

    assert set(found) == {"ann", "ben"}
    assert found["ben"] == Entry("ben")
    assert found["ann"].attempts == 1
    assert found["ann"].last_activity == NOW
    assert found["ann"].counted is not None
    assert found["ann"].counted.late


def test_what_is_not_graded_does_not_count_and_is_told(database: Database) -> None:
    _scored(database, "ann", 50.0)
    later = NOW + timedelta(hours=1)
    for _ in range(2):
        _hand_in(database, "ann", later)
    stands = RunStatus.QUEUED
    while stands is RunStatus.QUEUED:
        with database.writing() as session:
            held = runs.claim(session, "worker", later, later + timedelta(seconds=15))
            assert held is not None
            stands = runs.fail_try(session, held, "lost", NOW) or RunStatus.CANCELLED

    ann = _entries(database)["ann"]

    assert ann.counted is not None
    assert ann.counted.attempt == 1
    assert (ann.attempts, ann.last_activity, ann.waiting, ann.failed) == (3, later, 1, 1)


def test_student_without_any_score_counts_nothing(database: Database) -> None:
    _hand_in(database, "ann")

    ann = _entries(database)["ann"]

    assert (ann.counted, ann.waiting, ann.attempts) == (None, 1, 1)


def test_what_another_version_graded_is_stale(database: Database) -> None:
    for version in (_OLDER, _VERSION):
        _hand_in(database, "ann")
        _grade(database, a_case(), version=version)

    assert _entries(database)["ann"].stale == 1


def test_what_another_version_judged_in_some_case_is_stale(database: Database) -> None:
    run = _hand_in(database, "ann")
    _grade(database, a_case(name="A"), a_case(name="B"))
    fresh = _entries(database)["ann"].stale
    with database.writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run).values(asked_cases=["B"]))
        a_of_it = (CaseResultRow.run_id == run, CaseResultRow.name == "A")
        session.execute(update(CaseResultRow).where(*a_of_it).values(suite_version=_OLDER))

    assert fresh == 0
    assert _entries(database)["ann"].stale == 1


def test_other_assignments_and_courses_do_not_mix_in(database: Database) -> None:
    _scored(database, "ann", 50.0)
    with database.writing() as session:
        for course, name in (("demo", "hw5"), ("other", "hw4")):
            other = courses.ensure_assignment(session, course, name, name)
            person = people.ensure_person(session, "ann")
            people.enrol(session, other.course_id, person, Role.STUDENT)
            new = NewSubmission(other.id, person, 1, False, NOW, {"loss.py": b"x"})
            submission_id = submissions.add(session, new)
            runs.add(session, NewRun(submission_id, UPLOAD, _VERSION, 1, NOW))
    for _ in range(2):
        _grade(database, a_case(points=99.0, max_points=100.0))

    ann = _entries(database)["ann"]

    assert ann.attempts == 1
    assert ann.counted is not None
    assert ann.counted.points == 50.0


def test_cells_are_those_of_each_run_in_their_order(database: Database) -> None:
    first = _hand_in(database, "ann")
    _grade(database, a_case(name="B"), a_case(name="A", points=0.0))
    second = _hand_in(database, "ben")
    _grade(database, a_case(name="A", message="x" * 1000, points=2.0))

    with database.reading() as session:
        cells = gradebook.cells(session, [first, second])
        of_case = gradebook.cells_of_case(session, [first, second], "A")

    assert cells == {
        first: [Cell("B", 10.0, 10.0), Cell("A", 0.0, 10.0)],
        second: [Cell("A", 2.0, 10.0)],
    }
    assert of_case[first] == Cell("A", 0.0, 10.0)
    assert of_case[second] == Cell("A", 2.0, 10.0, "x" * 400)


def test_more_runs_than_a_statement_takes_are_read_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_AT_ONCE", 2)
    made = []
    for number in range(5):
        made.append(_hand_in(database, f"student {number}"))
        _grade(database, a_case())

    with database.reading() as session:
        cells = gradebook.cells(session, made)
        tallies = statistics.tallies(session, made)

    assert set(cells) == set(made)
    (case,) = case_statistics(tallies)
    assert (case.students, case.accepted) == (5, 5)


def test_tallies_tell_what_points_were_lost_by(database: Database) -> None:
    made: list[int] = []
    lost = {"points": 0.0, "verdict": Verdict.WRONG_ANSWER}
    for message in ("is 1", "is 1", "is missing", ""):
        made.append(_hand_in(database, f"student {len(made)}"))
        _grade(database, a_case(message=message, **(lost if message else {})))

    with database.reading() as session:
        (case,) = case_statistics(statistics.tallies(session, made))

    assert (case.students, case.accepted) == (4, 1)
    assert [(each.message, each.students) for each in case.mistakes] == [
        ("is 1", 2),
        ("is missing", 1),
    ]


def test_activity_is_by_quarters_of_an_hour(database: Database) -> None:
    for minutes in (0, 14.9, 15, 60):
        _hand_in(database, "ann", NOW + timedelta(minutes=minutes))

    with database.reading() as session:
        found = statistics.activity(session, _assignment(database).id)

    assert found == [
        Spell(NOW, 2),
        Spell(NOW + timedelta(minutes=15), 1),
        Spell(NOW + timedelta(minutes=60), 1),
    ]


def test_queue_tells_what_waits_since_when(database: Database) -> None:
    for minutes in (5, 3, 4):
        _hand_in(database, "ann", NOW - timedelta(minutes=minutes))
    with database.writing() as session:
        assert runs.claim(session, "worker", NOW, NOW + timedelta(seconds=15))

    with database.reading() as session:
        found = statistics.queue(session, _assignment(database).id)

    assert found == Queue(waiting=2, running=1, oldest=NOW - timedelta(minutes=4))


def test_nothing_handed_in_is_nothing(database: Database) -> None:
    stored = _assignment(database)

    with database.reading() as session:
        assert gradebook.entries(session, stored, Counts.BEST, _VERSION) == []
        assert statistics.tallies(session, []) == []
        assert statistics.activity(session, stored.id) == []
        assert statistics.queue(session, stored.id) == Queue()

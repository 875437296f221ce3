"""The roster of a course, on either database."""

from datetime import timedelta

import pytest

from grader.domain.people import Role
from grader.domain.roster import Change, Member
from grader.storage import courses, people, roster, sign_ins
from grader.storage.database import Database
from grader.storage.people import NewToken
from grader.storage.roster import RosterLink
from tests.integration.storage.conftest import LATER, NOW

ANN, BEN = Member("Ánn", Role.STUDENT, "A"), Member("ben", Role.ASSISTANT)


@pytest.fixture
def course(database: Database) -> int:
    """Give a course with two members, beside another with one."""
    with database.writing() as session:
        other = courses.ensure_course(session, "other", "other")
        roster.add(session, other, [Member("zoe", Role.STUDENT)])
        demo = courses.ensure_course(session, "demo", "demo")
        roster.add(session, demo, [BEN, ANN])
        return demo


def _members(database: Database, course: int) -> list[Member]:
    with database.reading() as session:
        return [known.member for known in roster.members(session, course)]


def test_members_stand_in_the_order_of_their_names_whatever_the_database(
    database: Database, course: int
) -> None:
    with database.writing() as session:
        roster.add(session, course, [Member("Zoë", Role.STUDENT), Member("anna", Role.STUDENT)])

    assert [each.name for each in _members(database, course)] == ["Ánn", "anna", "ben", "Zoë"]


def test_more_people_than_a_statement_takes_are_added_and_removed(
    database: Database, course: int
) -> None:
    many = [Member(f"student {number}", Role.STUDENT) for number in range(1200)]
    with database.writing() as session:
        roster.add(session, course, many)
    added = len(_members(database, course))

    with database.writing() as session:
        roster.remove(session, course, [each.name for each in many])

    assert added == 1202
    assert _members(database, course) == [ANN, BEN]


def test_member_is_changed_and_nobody_else(database: Database, course: int) -> None:
    after = Member("ben", Role.STUDENT, "B")
    with database.writing() as session:
        roster.change(session, course, [Change(BEN, after)])

    assert _members(database, course) == [ANN, after]


def test_who_is_there_already_is_added_once(database: Database, course: int) -> None:
    with database.writing() as session:
        roster.add(session, course, [Member("ben", Role.STUDENT)])

    assert _members(database, course) == [ANN, BEN]


def test_access_to_the_course_ends_and_to_others_does_not(database: Database, course: int) -> None:
    with database.writing() as session:
        for secret, of in (("here", "demo"), ("there", "other"), ("everywhere", None)):
            people.add_token(session, NewToken(secret, "ben", Role.ASSISTANT, NOW, of))
        people.add_token(session, NewToken("ann's", "Ánn", Role.STUDENT, NOW, "demo"))
        roster.end_access(session, course, ["ben"], NOW)

    with database.reading() as session:
        found = {
            secret: people.find_identity(session, secret) is not None
            for secret in ("here", "there", "everywhere", "ann's")
        }
    assert found == {"here": False, "there": True, "everywhere": True, "ann's": True}


def test_links_let_each_in_once_until_access_ends(database: Database, course: int) -> None:
    with database.writing() as session:
        ann, ben = (known.person_id for known in roster.members(session, course))
        links = [RosterLink("of ann", ann, Role.STUDENT), RosterLink("of ben", ben, Role.ASSISTANT)]
        roster.add_links(session, course, links, (NOW, LATER))
        roster.end_access(session, course, ["ben"], NOW + timedelta(seconds=1))

    soon = NOW + timedelta(seconds=2)
    with database.writing() as session:
        first, second = (sign_ins.use_link(session, "of ann", soon) for _ in range(2))
        ended = sign_ins.use_link(session, "of ben", soon)
    assert first is not None
    assert (first.name, first.role, first.course) == ("Ánn", Role.STUDENT, "demo")
    assert (second, ended) == (None, None)

"""What a change of the roster takes away, from who signs in at the same moment, too."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from grader.domain.people import Grant, Role
from grader.storage import roster, sign_ins
from grader.storage.courses import ensure_course
from grader.storage.database import Database
from grader.storage.sign_ins import NewLink, NewSession
from tests.integration.storage.conftest import NOW
from tests.processes import wait_for

NOON = NOW + timedelta(hours=12)
LATER = NOW + timedelta(days=1)
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def test_session_begun_while_its_role_is_taken_away_ends(postgresql: Database) -> None:
    with postgresql.writing() as session:
        course = ensure_course(session, "demo", "demo")
        grant = Grant("ann", Role.INSTRUCTOR, "demo")
        sign_ins.add_link(session, NewLink("the link", grant, NOW, LATER))

    def end_access() -> None:
        with postgresql.writing() as session:
            roster.end_access(session, course, ["ann"], NOW)

    ending = Thread(target=end_access)
    with postgresql.writing() as session:
        ann = sign_ins.use_link(session, "the link", NOW)
        assert ann is not None
        sign_ins.add_session(session, NewSession("the session", ann, NOW, LATER))
        ending.start()
        wait_for(lambda: _waits(postgresql), "the change of the roster waits for the link")
    ending.join()

    with postgresql.reading() as session:
        assert sign_ins.find_session(session, "the session", NOW) is None


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda at, course: roster.end_access(at, course, ["ann"], NOON), id="roster"),
        pytest.param(lambda at, _course: sign_ins.end_links_of(at, "ann", NOON), id="revoked"),
    ],
)
def test_link_that_was_ended_is_no_good_by_a_clock_that_is_slow(
    database: Database, end: Callable[[Session, int], object]
) -> None:
    with database.writing() as session:
        course = ensure_course(session, "demo", "demo")
        grant = Grant("ann", Role.INSTRUCTOR, "demo")
        sign_ins.add_link(session, NewLink("the link", grant, NOW, LATER))

    with database.writing() as session:
        end(session, course)

    with database.writing() as session:
        assert sign_ins.use_link(session, "the link", NOON - timedelta(seconds=1)) is None


def _waits(database: Database) -> bool:
    with database.reading() as session:
        return bool(session.scalar(WAITING))

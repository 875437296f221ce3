"""Links and sessions: once, for a time, and of nobody else. On both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection

from grader.domain.people import Grant, Identity, Role
from grader.errors import NotFound, NotSignedIn, StorageUnavailable, UsageError
from grader.storage import courses, sign_ins
from grader.storage.database import Database
from grader.storage.sign_ins import NewSession
from grader.storage.tables import SessionRow, SignInLinkRow
from grader.workflow.people import create_token, revoke_all_of, revoke_token
from grader.workflow.service import Service
from grader.workflow.sign_in import (
    end_links_labelled,
    find_session,
    make_link,
    read_link,
    sign_in_by_link,
    sign_in_by_token,
    sign_out,
)
from tests.releases import no_suites

ANN = Grant("ann", Role.STUDENT)


@pytest.fixture
def service(database: Database) -> Service:
    """Give a service of two courses without assignments."""
    with database.writing() as session:
        for course in ("demo", "other"):
            courses.ensure_course(session, course, course)
    return no_suites(database)


def _session(service: Service, grant: Grant = ANN) -> str:
    return sign_in_by_link(service, make_link(service.database, grant))


def _aged(service: Service, by: timedelta) -> None:
    """Let every session have been made, used and bounded so much earlier."""
    with service.database.reading() as session:
        rows = session.execute(
            select(
                SessionRow.id, SessionRow.created_at, SessionRow.last_used_at, SessionRow.expires_at
            )
        ).all()
    with service.database.writing() as session:
        for row_id, created_at, last_used_at, expires_at in rows:
            session.execute(
                update(SessionRow)
                .where(SessionRow.id == row_id)
                .values(
                    created_at=created_at - by,
                    last_used_at=last_used_at - by,
                    expires_at=expires_at - by,
                )
            )


def test_link_makes_a_session_of_whom_it_names(service: Service) -> None:
    grant = Grant("tutor", Role.ASSISTANT, "other")
    link = make_link(service.database, grant)

    shown = read_link(service, link)
    signed_in = find_session(service, sign_in_by_link(service, link))

    assert signed_in == shown
    assert shown == Identity(shown.person_id, "tutor", Role.ASSISTANT, "other")


def test_link_works_once(service: Service) -> None:
    link = make_link(service.database, ANN)
    sign_in_by_link(service, link)

    with pytest.raises(NotFound):
        sign_in_by_link(service, link)
    with pytest.raises(NotFound):
        read_link(service, link)


def test_of_many_who_use_a_link_at_once_one_is_signed_in(service: Service) -> None:
    link = make_link(service.database, ANN)
    together, signed_in, refused = Barrier(8), [], []

    def use() -> None:
        together.wait()
        try:
            signed_in.append(sign_in_by_link(service, link))
        except NotFound as error:
            refused.append(error)

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(signed_in), len(refused)) == (1, 7)
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1


def test_link_read_before_another_used_it_is_used_up_all_the_same(service: Service) -> None:
    link = make_link(service.database, ANN)
    moment = datetime.now(UTC)

    with service.database.reading() as early:
        found = sign_ins.find_link(early, link, moment)
    sign_in_by_link(service, link)
    with service.database.writing() as late:
        used = sign_ins.use_link(late, link, moment)

    assert found is not None
    assert used is None


def test_expired_link_does_not_work(service: Service) -> None:
    link = make_link(service.database, ANN, timedelta(0))

    with pytest.raises(NotFound):
        sign_in_by_link(service, link)


def test_secrets_are_kept_as_hashes_only(service: Service) -> None:
    link = make_link(service.database, ANN)
    secret = sign_in_by_link(service, link)

    with service.database.engine.connect() as connection:
        kept = [
            str(tuple(row))
            for table in (SignInLinkRow.__table__, SessionRow.__table__)
            for row in connection.execute(select(table))
        ]

    assert len(kept) == 2
    assert not any(link in row or secret in row for row in kept)


def test_link_for_an_unknown_course_is_refused_and_names_nobody(service: Service) -> None:
    with pytest.raises(NotFound, match="There is no course none"):
        make_link(service.database, Grant("ann", Role.INSTRUCTOR, "none"))
    with pytest.raises(NotFound):
        create_token(service.database, "ann", Role.INSTRUCTOR, course="none")


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "ann\n", "<b>", "a\x00b"])
def test_what_cannot_be_a_name_gets_no_link_and_no_token(service: Service, name: str) -> None:
    with pytest.raises(UsageError, match="A name has"):
        make_link(service.database, Grant(name, Role.STUDENT))
    with pytest.raises(UsageError, match="A name has"):
        create_token(service.database, name, Role.STUDENT)


def test_session_lasts_while_it_is_used_and_a_month_at_most(service: Service) -> None:
    secret = _session(service)

    in_force = []
    for _ in range(8):
        _aged(service, timedelta(days=4))
        in_force.append(find_session(service, secret) is not None)

    assert in_force == [True] * 7 + [False]


def test_session_that_is_not_used_for_a_week_ends(service: Service) -> None:
    secret = _session(service)
    _aged(service, timedelta(days=7))

    assert find_session(service, secret) is None


def test_use_of_a_session_is_not_written_at_each_request(service: Service) -> None:
    secret = _session(service)

    def last_used() -> datetime:
        find_session(service, secret)
        with service.database.reading() as session:
            return session.scalars(select(SessionRow.last_used_at)).one()

    at_once = last_used() == last_used()
    _aged(service, timedelta(minutes=11))
    before = datetime.now(UTC) - timedelta(minutes=1)

    assert at_once
    assert last_used() > before


def test_session_in_use_can_be_read_where_nothing_can_be_written(service: Service) -> None:
    secret = _session(service)
    _aged(service, timedelta(hours=1))
    reader = _reader(service.database)

    found = find_session(no_suites(reader), secret)
    with pytest.raises(StorageUnavailable):
        sign_out(no_suites(reader), secret)
    reader.close()

    assert found is not None


def _reader(database: Database) -> Database:
    """Open the database a second time, in such a way that nothing can be written."""
    reader = Database(database.url)
    sqlite = reader.engine.dialect.name == "sqlite"
    read_only = "PRAGMA query_only = ON" if sqlite else "SET default_transaction_read_only = on"

    def set_up(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute(read_only)
        connection.commit()

    event.listen(reader.engine, "connect", set_up)
    return reader


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda service, secret: sign_out(service, secret), id="signed out"),
        pytest.param(lambda service, _: revoke_all_of(service.database, "ann"), id="revoked"),
        pytest.param(
            lambda service, secret: sign_in_by_link(
                service, make_link(service.database, ANN), secret
            ),
            id="signed in anew",
        ),
    ],
)
def test_session_ends(service: Service, end: Callable[[Service, str], object]) -> None:
    secret, other = _session(service), _session(service, Grant("bob", Role.STUDENT))

    end(service, secret)

    assert find_session(service, secret) is None
    assert find_session(service, other) is not None


def test_session_lasts_no_longer_than_the_token_that_it_was_made_from(service: Service) -> None:
    token = create_token(service.database, "ann", Role.STUDENT, course="demo")
    made_from_it, of_a_link = sign_in_by_token(service, token), _session(service)
    identity = find_session(service, made_from_it)

    revoke_token(service.database, token)

    assert identity is not None
    assert identity.course == "demo"
    assert find_session(service, made_from_it) is None
    assert find_session(service, of_a_link) is not None
    with pytest.raises(NotSignedIn):
        sign_in_by_token(service, token)


def test_links_of_an_earlier_start_end_and_others_stay(service: Service) -> None:
    labelled = make_link(service.database, Grant("ann", Role.STUDENT, label="demo"))
    other = make_link(service.database, ANN)

    ended = end_links_labelled(service.database, "demo")

    assert ended == 1
    assert read_link(service, other).name == "ann"
    with pytest.raises(NotFound):
        read_link(service, labelled)


def test_what_expired_long_ago_is_forgotten(service: Service) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=31)
    person = read_link(service, make_link(service.database, ANN))
    make_link(service.database, ANN, timedelta(days=-31))
    with service.database.writing() as session:
        sign_ins.add_session(session, NewSession("old", person, long_ago, long_ago))

    _session(service)

    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1
        assert session.scalar(select(func.count()).select_from(SignInLinkRow)) == 2

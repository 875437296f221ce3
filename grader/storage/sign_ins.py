"""Links that sign in once, and the sessions that they make."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from grader.domain.people import Grant, Identity, Role
from grader.storage.changes import rows_changed
from grader.storage.courses import course_id_of
from grader.storage.hashing import hashed
from grader.storage.people import ensure_person
from grader.storage.tables import CourseRow, PersonRow, SessionRow, SignInLinkRow, TokenRow


@dataclass(frozen=True)
class NewLink:
    """A link to keep: only the hash of `secret` is stored."""

    secret: str
    grant: Grant
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class NewSession:
    """A session to keep: only the hash of `secret` is stored; `token` is what it was made from."""

    secret: str
    identity: Identity
    created_at: datetime
    expires_at: datetime
    token: str | None = None


@dataclass(frozen=True)
class StoredSession:
    """A session in force."""

    identity: Identity
    created_at: datetime
    last_used_at: datetime


def add_link(session: Session, link: NewLink) -> None:
    """Keep the hash of a link, and the person that it signs in.

    Raises:
        NotFound: there is no such course.
    """
    row = SignInLinkRow(
        sha256=hashed(link.secret),
        person_id=ensure_person(session, link.grant.person),
        course_id=course_id_of(session, link.grant.course),
        role=link.grant.role,
        label=link.grant.label,
        created_at=link.created_at,
        expires_at=link.expires_at,
    )
    session.add(row)
    session.flush()


def find_link(session: Session, secret: str, now: datetime) -> Identity | None:
    """Return whom a link would sign in, unless it is unknown, used or expired."""
    row = session.execute(
        select(PersonRow.id, PersonRow.name, SignInLinkRow.role, CourseRow.name)
        .join(SignInLinkRow, SignInLinkRow.person_id == PersonRow.id)
        .join(CourseRow, CourseRow.id == SignInLinkRow.course_id, isouter=True)
        .where(*_unused(secret, now))
    ).first()
    return Identity(row[0], row[1], Role(row[2]), row[3]) if row else None


def use_link(session: Session, secret: str, now: datetime) -> Identity | None:
    """Use a link up and return whom it signs in; of any number at once, one succeeds."""
    identity = find_link(session, secret, now)
    used = session.execute(update(SignInLinkRow).where(*_unused(secret, now)).values(used_at=now))
    return identity if rows_changed(used) else None


def end_links_labelled(session: Session, label: str, now: datetime) -> int:
    """End the unused links made under a label; return how many that were."""
    return _end_links(session, SignInLinkRow.label == label, now)


def end_links_of(session: Session, person: str, now: datetime) -> int:
    """End the unused links of a person; return how many that were."""
    return _end_links(session, SignInLinkRow.person_id == _id_of(person), now)


def add_session(session: Session, new: NewSession) -> None:
    """Keep the hash of a session."""
    course, token = new.identity.course, new.token
    row = SessionRow(
        sha256=hashed(new.secret),
        person_id=new.identity.person_id,
        course_id=course_id_of(session, course),
        role=new.identity.role,
        token_id=token and session.scalar(_token_id(token)),
        created_at=new.created_at,
        last_used_at=new.created_at,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()


def find_session(session: Session, secret: str, now: datetime) -> StoredSession | None:
    """Return a session in force; its token, if it was made from one, is in force as well."""
    row = session.execute(
        select(
            PersonRow.id,
            PersonRow.name,
            SessionRow.role,
            CourseRow.name,
            SessionRow.created_at,
            SessionRow.last_used_at,
        )
        .join(SessionRow, SessionRow.person_id == PersonRow.id)
        .join(CourseRow, CourseRow.id == SessionRow.course_id, isouter=True)
        .join(TokenRow, TokenRow.id == SessionRow.token_id, isouter=True)
        .where(
            SessionRow.sha256 == hashed(secret),
            SessionRow.revoked_at.is_(None),
            SessionRow.expires_at > now,
            or_(SessionRow.token_id.is_(None), TokenRow.revoked_at.is_(None)),
        )
    ).first()
    if row is None:
        return None
    return StoredSession(Identity(row[0], row[1], Role(row[2]), row[3]), row[4], row[5])


def extend_session(session: Session, secret: str, now: datetime, expires_at: datetime) -> None:
    """Note that a session was used, and let it last until `expires_at`."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.sha256 == hashed(secret))
        .values(last_used_at=now, expires_at=expires_at)
    )


def end_session(session: Session, secret: str, now: datetime) -> int:
    """End a session; return how many that were: 0 or 1."""
    return _end_sessions(session, SessionRow.sha256 == hashed(secret), now)


def end_sessions_of(session: Session, person: str, now: datetime) -> int:
    """End all sessions of a person; return how many that were."""
    return _end_sessions(session, SessionRow.person_id == _id_of(person), now)


def forget(session: Session, before: datetime) -> None:
    """Delete the links and sessions that expired before a moment."""
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.expires_at < before))
    session.execute(delete(SessionRow).where(SessionRow.expires_at < before))


def _unused(secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInLinkRow.sha256 == hashed(secret),
        SignInLinkRow.used_at.is_(None),
        SignInLinkRow.expires_at > now,
    )


def _end_links(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    # Not at `now`: who uses one at this moment may have looked at the clock before.
    ended = session.execute(
        update(SignInLinkRow)
        .where(which, SignInLinkRow.used_at.is_(None), SignInLinkRow.expires_at > now)
        .values(expires_at=SignInLinkRow.created_at)
    )
    return rows_changed(ended)


def _end_sessions(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    ended = session.execute(
        update(SessionRow)
        .where(which, SessionRow.revoked_at.is_(None), SessionRow.expires_at > now)
        .values(revoked_at=now)
    )
    return rows_changed(ended)


def _id_of(person: str) -> ScalarSelect[int]:
    return select(PersonRow.id).where(PersonRow.name == person).scalar_subquery()


def _token_id(secret: str) -> Select[int]:
    return select(TokenRow.id).where(TokenRow.sha256 == hashed(secret))

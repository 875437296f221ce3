"""People, their parts in courses, and the tokens that stand for them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from grader.domain.people import Identity, Role
from grader.storage.changes import insert_unless_there, rows_changed
from grader.storage.courses import course_id_of
from grader.storage.hashing import hashed
from grader.storage.tables import CourseRow, PersonRow, RosterRow, TokenRow

# Built once: they are asked with each request or upload, and building takes longer than executing.
_OF_NAME = select(PersonRow.id).where(PersonRow.name == bindparam("name"))
_PART = select(RosterRow.role).where(
    RosterRow.course_id == bindparam("course"), RosterRow.person_id == bindparam("person")
)
_OF_TOKEN = (
    select(PersonRow.id, PersonRow.name, TokenRow.role, CourseRow.name)
    .join(TokenRow, TokenRow.person_id == PersonRow.id)
    .join(CourseRow, CourseRow.id == TokenRow.course_id, isouter=True)
    .where(TokenRow.sha256 == bindparam("sha256"), TokenRow.revoked_at.is_(None))
)


@dataclass(frozen=True)
class NewToken:
    """A token to keep: only the hash of `secret` is stored."""

    secret: str
    person: str
    role: Role
    created_at: datetime
    course: str | None = None
    label: str = ""


def ensure_person(session: Session, name: str) -> int:
    """Return the id of the person who signs in as `name`, made if new."""
    person_id = session.scalar(_OF_NAME, {"name": name})
    if person_id is None:
        insert_unless_there(session, PersonRow, [{"name": name}])
        person_id = session.scalars(_OF_NAME, {"name": name}).one()
    return person_id


def enrol(session: Session, course_id: int, person_id: int, role: Role) -> None:
    """Put a person on a course's roster; who is there already keeps their part."""
    if session.scalar(_PART, {"course": course_id, "person": person_id}) is None:
        part = {"course_id": course_id, "person_id": person_id, "role": role}
        insert_unless_there(session, RosterRow, [part])


def is_enrolled(session: Session, course: str, name: str) -> bool:
    """Return whether a person is on a course's roster."""
    found = (
        select(RosterRow.person_id)
        .join(PersonRow, PersonRow.id == RosterRow.person_id)
        .join(CourseRow, CourseRow.id == RosterRow.course_id)
        .where(CourseRow.name == course, PersonRow.name == name)
    )
    return session.scalar(found) is not None


def add_token(session: Session, token: NewToken) -> None:
    """Keep the hash of a token, and the person that it stands for.

    Raises:
        NotFound: there is no such course.
    """
    row = TokenRow(
        sha256=hashed(token.secret),
        person_id=ensure_person(session, token.person),
        course_id=course_id_of(session, token.course),
        role=token.role,
        label=token.label,
        created_at=token.created_at,
    )
    session.add(row)
    session.flush()


def find_identity(session: Session, secret: str) -> Identity | None:
    """Return whom the token `secret` stands for, unless it is unknown or revoked."""
    row = session.execute(_OF_TOKEN, {"sha256": hashed(secret)}).first()
    return Identity(row[0], row[1], Role(row[2]), row[3]) if row else None


def revoke_token(session: Session, secret: str, now: datetime) -> int:
    """Revoke one token and return how many that were: 0 or 1."""
    return _revoke(session, TokenRow.sha256 == hashed(secret), now)


def revoke_tokens_of(session: Session, person: str, now: datetime) -> int:
    """Revoke all tokens of a person and return how many that were."""
    person_id = select(PersonRow.id).where(PersonRow.name == person).scalar_subquery()
    return _revoke(session, TokenRow.person_id == person_id, now)


def revoke_labelled(session: Session, label: str, now: datetime) -> int:
    """Revoke all tokens that carry `label` and return how many that were."""
    return _revoke(session, TokenRow.label == label, now)


def _revoke(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    result = session.execute(
        update(TokenRow).where(which, TokenRow.revoked_at.is_(None)).values(revoked_at=now)
    )
    return rows_changed(result)

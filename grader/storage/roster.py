"""The roster of a course, read in one query and changed in a few, however many people there are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import combining, normalize

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from grader.domain.people import Role
from grader.domain.roster import Change, KnownMember, Member
from grader.storage.changes import insert_unless_there
from grader.storage.hashing import hashed
from grader.storage.parts import in_parts
from grader.storage.tables import (
    AssignmentRow,
    PersonRow,
    RosterRow,
    SessionRow,
    SignInLinkRow,
    SubmissionRow,
    TokenRow,
)


@dataclass(frozen=True)
class RosterLink:
    """A link that signs a member in, once: only the hash of `secret` is stored."""

    secret: str
    person_id: int
    role: Role


def members(session: Session, course_id: int) -> list[KnownMember]:
    """Return the members of a course in the order of their names, whatever the database's is."""
    handed_in = (
        select(SubmissionRow.person_id, func.max(SubmissionRow.created_at).label("last"))
        .join(AssignmentRow, AssignmentRow.id == SubmissionRow.assignment_id)
        .where(AssignmentRow.course_id == course_id)
        .group_by(SubmissionRow.person_id)
        .subquery()
    )
    signed_in = (
        select(SessionRow.person_id, func.max(SessionRow.last_used_at).label("last"))
        .where(SessionRow.course_id.is_(None) | (SessionRow.course_id == course_id))
        .group_by(SessionRow.person_id)
        .subquery()
    )
    rows = session.execute(
        select(
            PersonRow.id,
            PersonRow.name,
            RosterRow.role,
            RosterRow.section,
            handed_in.c.last,
            signed_in.c.last,
        )
        .join(RosterRow, RosterRow.person_id == PersonRow.id)
        .outerjoin(handed_in, handed_in.c.person_id == PersonRow.id)
        .outerjoin(signed_in, signed_in.c.person_id == PersonRow.id)
        .where(RosterRow.course_id == course_id)
    )
    found = [
        KnownMember(
            row[0],
            Member(row[1], Role(row[2]), row[3]),
            max((moment for moment in row[4:] if moment is not None), default=None),
        )
        for row in rows
    ]
    return sorted(found, key=lambda known: _sorted_as(known.member.name))


def add(session: Session, course_id: int, new: Collection[Member]) -> None:
    """Put people on a course's roster, made if new."""
    if not new:
        return
    insert_unless_there(session, PersonRow, [{"name": member.name} for member in new])
    ids = _ids(session, [member.name for member in new])
    rows = [
        {
            "course_id": course_id,
            "person_id": ids[member.name],
            "role": member.role,
            "section": member.section,
        }
        for member in new
    ]
    insert_unless_there(session, RosterRow, rows)


def change(session: Session, course_id: int, changes: Collection[Change]) -> None:
    """Give members another role or section."""
    ids = _ids(session, [each.after.name for each in changes])
    for each in changes:
        session.execute(
            update(RosterRow)
            .where(RosterRow.course_id == course_id, RosterRow.person_id == ids[each.after.name])
            .values(role=each.after.role, section=each.after.section)
        )


def remove(session: Session, course_id: int, names: Sequence[str]) -> None:
    """Take people off a course's roster; what they handed in stays."""
    for some in in_parts(list(_ids(session, names).values())):
        session.execute(
            delete(RosterRow).where(RosterRow.course_id == course_id, RosterRow.person_id.in_(some))
        )


def end_access(session: Session, course_id: int, names: Sequence[str], now: datetime) -> None:
    """End the tokens, unused links and sessions by which people are let into a course alone."""
    for some in in_parts(list(_ids(session, names).values())):
        # Links first: who uses one at this moment is waited for, and their session then seen.
        session.execute(
            update(SignInLinkRow)
            .where(SignInLinkRow.course_id == course_id, SignInLinkRow.person_id.in_(some))
            .where(SignInLinkRow.used_at.is_(None), SignInLinkRow.expires_at > now)
            .values(expires_at=SignInLinkRow.created_at)  # as `sign_ins` ends them
        )
        for table in (TokenRow, SessionRow):
            theirs = (table.course_id == course_id, table.person_id.in_(some))
            session.execute(
                update(table).where(*theirs, table.revoked_at.is_(None)).values(revoked_at=now)
            )


def add_links(
    session: Session,
    course_id: int,
    links: Collection[RosterLink],
    lasts: tuple[datetime, datetime],
) -> None:
    """Keep the hashes of links that are good from one moment to another."""
    created_at, expires_at = lasts
    rows = [
        {
            "sha256": hashed(link.secret),
            "person_id": link.person_id,
            "course_id": course_id,
            "role": link.role,
            "label": "roster",
            "created_at": created_at,
            "expires_at": expires_at,
        }
        for link in links
    ]
    if rows:
        insert_unless_there(session, SignInLinkRow, rows)


def _sorted_as(name: str) -> tuple[str, str]:
    # Accents apart: Ásta stands beside Asta, not after Zoë.
    plain = "".join(each for each in normalize("NFKD", name) if not combining(each))
    return plain.casefold(), name


def _ids(session: Session, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in in_parts(names):
        rows = session.execute(select(PersonRow.name, PersonRow.id).where(PersonRow.name.in_(some)))
        found |= {row.name: row.id for row in rows}
    return found

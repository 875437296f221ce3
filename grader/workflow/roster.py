"""The roster of a course: read, made to say what a list does, and links that let people in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from grader.domain.audit import AuditEntry
from grader.domain.people import Identity, Role
from grader.domain.roster import KnownMember, Listed, Member, Mistake, RosterPlan, plan_roster
from grader.errors import Conflict, NotAllowed, NotFound
from grader.storage import audit, courses, roster
from grader.storage.database import Database
from grader.storage.roster import RosterLink
from grader.workflow.service import Service, now

NO_COURSE = "There is no such course."
_COMMAND = "grader roster"  # who, in the record, when it is done by hand
_SECRET_BYTES = 32


class For(StrEnum):
    """Whom to make links for."""

    NEW = "new"  # who was never here
    STUDENTS = "students"
    ALL = "all"


@dataclass(frozen=True)
class NewRosterLink:
    """A link's secret, which is kept nowhere, and whom it signs in."""

    member: Member
    secret: str
    expires_at: datetime


def read_roster(service: Service, identity: Identity, course: str) -> list[KnownMember]:
    """Return the members of a course in the order of their names, for staff.

    Raises:
        NotFound: there is no such course for this identity.
        NotAllowed: a student asks.
    """
    _insist_on(identity, course, identity.is_staff_of(course))
    with service.database.reading() as session:
        return roster.members(session, _course_id(session, course))


def members_of(database: Database, course: str) -> list[Member]:
    """Return the members of a course, for who has the database itself.

    Raises:
        NotFound: there is no such course.
    """
    with database.reading() as session:
        return [known.member for known in roster.members(session, _course_id(session, course))]


def course_names(database: Database) -> list[str]:
    """Return the names of all courses."""
    with database.reading() as session:
        return courses.names(session)


def require_importer(identity: Identity, course: str) -> None:
    """Refuse who may not import lists, before one is read.

    Raises:
        NotFound: there is no such course for this identity.
        NotAllowed: who asks is no instructor.
    """
    _insist_on(identity, course, identity.is_instructor_of(course))


def plan_import(
    service: Service,
    identity: Identity,
    course: str,
    listed: Sequence[Listed],
    *,
    remove_others: bool,
) -> tuple[RosterPlan, tuple[Mistake, ...]]:
    """Return what a list would change, and where it would shut out who brings it; store nothing.

    Raises:
        NotFound: there is no such course for this identity.
        NotAllowed: who asks is no instructor.
    """
    _insist_on(identity, course, identity.is_instructor_of(course))
    with service.database.reading() as session:
        plan = _plan(session, course, listed, remove_others=remove_others)
    return plan, _self_harm(identity, plan, listed)


def import_roster(
    service: Service,
    identity: Identity,
    course: str,
    listed: Sequence[Listed],
    *,
    remove_others: bool,
    expected: str | None = None,
) -> RosterPlan:
    """Make the roster say what a list does, all or nothing, and return what was changed.

    Raises:
        NotFound: there is no such course for this identity.
        NotAllowed: who asks is no instructor.
        Conflict: it is another plan than the one whose digest is `expected`, or shuts out who asks.
    """
    _insist_on(identity, course, identity.is_instructor_of(course))
    with service.database.writing() as session:
        plan = _plan(session, course, listed, remove_others=remove_others)
        if mistakes := _self_harm(identity, plan, listed):
            raise Conflict(mistakes[0].says)
        if expected is not None and plan.digest != expected:
            raise Conflict("The roster was changed meanwhile: look once more.")
        _store(session, course, plan, identity.name)
    return plan


def change_roster(
    database: Database, course: str, listed: Sequence[Listed], *, remove_others: bool
) -> RosterPlan:
    """Make the roster say what a list does, for who has the database; return what was changed.

    Raises:
        NotFound: there is no such course.
    """
    with database.writing() as session:
        plan = _plan(session, course, listed, remove_others=remove_others)
        _store(session, course, plan, _COMMAND)
    return plan


def look_at_change(
    database: Database, course: str, listed: Sequence[Listed], *, remove_others: bool
) -> RosterPlan:
    """Return what `change_roster` would change.

    Raises:
        NotFound: there is no such course.
    """
    with database.reading() as session:
        return _plan(session, course, listed, remove_others=remove_others)


def make_roster_links(
    service: Service, identity: Identity, course: str, whom: For, lasts: timedelta
) -> list[NewRosterLink]:
    """Make a sign-in link for each of them; each works once, in this course.

    Raises:
        NotFound: there is no such course for this identity.
        NotAllowed: who asks is no instructor.
    """
    _insist_on(identity, course, identity.is_instructor_of(course))
    moment = now()
    with service.database.writing() as session:
        course_id = _course_id(session, course)
        chosen = [known for known in roster.members(session, course_id) if _is_for(whom, known)]
        made = [(known, secrets.token_urlsafe(_SECRET_BYTES)) for known in chosen]
        links = [RosterLink(secret, known.person_id, known.member.role) for known, secret in made]
        roster.add_links(session, course_id, links, (moment, moment + lasts))
        told: dict[str, int | str | None] = {"made": len(made), "whom": whom.value}
        entry = AuditEntry(moment, identity.name, course, "roster.links", "roster", told)
        audit.record(session, entry)
    return [NewRosterLink(known.member, secret, moment + lasts) for known, secret in made]


def _is_for(whom: For, known: KnownMember) -> bool:
    if whom is For.ALL:
        return True
    return known.member.role is Role.STUDENT and (whom is For.STUDENTS or known.last_seen is None)


def _store(session: Session, course: str, plan: RosterPlan, who: str) -> None:
    """Carry a plan out; who is removed or gets another role is let in as before no longer."""
    if plan.is_empty:
        return
    course_id, moment = _course_id(session, course), now()
    roster.add(session, course_id, plan.added)
    roster.change(session, course_id, plan.changed)
    removed = [member.name for member in plan.removed]
    moved = [each.after.name for each in plan.changed if each.before.role != each.after.role]
    roster.remove(session, course_id, removed)
    roster.end_access(session, course_id, [*removed, *moved], moment)
    counts = {"added": len(plan.added), "changed": len(plan.changed), "removed": len(removed)}
    audit.record(session, AuditEntry(moment, who, course, "roster.import", "roster", counts))


def _plan(
    session: Session, course: str, listed: Sequence[Listed], *, remove_others: bool
) -> RosterPlan:
    known = roster.members(session, _course_id(session, course))
    return plan_roster((each.member for each in known), listed, remove_others=remove_others)


def _self_harm(
    identity: Identity, plan: RosterPlan, listed: Sequence[Listed]
) -> tuple[Mistake, ...]:
    """Say where a list would take the role of who brings it: nobody could take that back."""
    lost = {each.before.name for each in plan.changed if each.before.role != each.after.role}
    lost |= {member.name for member in plan.removed}
    if identity.name not in lost:
        return ()
    line = next((each.line for each in listed if each.name == identity.name), 1)
    says = "this would take away your own role: let another instructor do that"
    return (Mistake(line, says),)


def _insist_on(identity: Identity, course: str, allowed: bool) -> None:
    if not identity.enters(course):
        raise NotFound(NO_COURSE)
    if not allowed:
        whose = "staff" if not identity.is_staff_of(course) else "an instructor"
        raise NotAllowed(f"The roster is for {whose} of the course.")


def _course_id(session: Session, course: str) -> int:
    found = courses.course_id_of(session, course)
    if found is None:
        raise NotFound(NO_COURSE)
    return found

"""The record of who changed what of others', written in the transaction that does it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.domain.audit import AuditEntry
from grader.storage.tables import AuditRow, CourseRow

_LONGEST = 200


def record(session: Session, entry: AuditEntry) -> None:
    """Keep an entry."""
    course = select(CourseRow.id).where(CourseRow.name == entry.course)
    row = AuditRow(
        at=entry.at,
        who=entry.who,
        course_id=session.scalars(course).one(),
        action=entry.action,
        subject=entry.subject[:_LONGEST],
        details=dict(entry.details),
    )
    session.add(row)
    session.flush()


def listed(
    session: Session, course: str, before: int | None, limit: int
) -> list[tuple[int, AuditEntry]]:
    """Return the last entries of a course with their ids, newest first, older than `before`."""
    wanted = (
        select(AuditRow)
        .join(CourseRow, CourseRow.id == AuditRow.course_id)
        .where(CourseRow.name == course)
    )
    if before is not None:
        wanted = wanted.where(AuditRow.id < before)
    rows = session.scalars(wanted.order_by(AuditRow.id.desc()).limit(limit))
    return [
        (row.id, AuditEntry(row.at, row.who, course, row.action, row.subject, row.details))
        for row in rows
    ]


def about(session: Session, course: str, subject: str) -> list[AuditEntry]:
    """Return what was done to one subject, in order."""
    rows = session.scalars(
        select(AuditRow)
        .join(CourseRow, CourseRow.id == AuditRow.course_id)
        .where(CourseRow.name == course, AuditRow.subject == subject[:_LONGEST])
        .order_by(AuditRow.id)
    )
    return [
        AuditEntry(row.at, row.who, course, row.action, row.subject, row.details) for row in rows
    ]

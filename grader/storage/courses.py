"""Courses and their assignments."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.storage.tables import AssignmentRow, CourseRow

_NAMED = (
    select(AssignmentRow.id, CourseRow.id)
    .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
    .where(CourseRow.name == bindparam("course"), AssignmentRow.name == bindparam("name"))
)


@dataclass(frozen=True)
class StoredAssignment:
    """An assignment as the database knows it."""

    id: int
    course_id: int
    course: str
    name: str


def ensure_course(session: Session, name: str, title: str) -> int:
    """Return the id of the course `name`, made if it is new."""
    row = session.scalar(select(CourseRow).where(CourseRow.name == name))
    if row is None:
        row = CourseRow(name=name, title=title)
        session.add(row)
        session.flush()
    return row.id


def ensure_assignment(session: Session, course: str, name: str, title: str) -> StoredAssignment:
    """Return the assignment `name` of `course`, both made if new; its title becomes `title`."""
    course_id = ensure_course(session, course, course)
    row = session.scalar(
        select(AssignmentRow).where(
            AssignmentRow.course_id == course_id, AssignmentRow.name == name
        )
    )
    if row is None:
        row = AssignmentRow(course_id=course_id, name=name, title=title)
        session.add(row)
    row.title = title
    session.flush()
    return StoredAssignment(row.id, course_id, course, name)


def find_assignment(session: Session, course: str, name: str) -> StoredAssignment | None:
    """Return the assignment `name` of `course`, if there is one."""
    row = session.execute(_NAMED, {"course": course, "name": name}).first()
    return StoredAssignment(row[0], row[1], course, name) if row else None


def names(session: Session) -> list[str]:
    """Return the names of all courses, in their order."""
    return list(session.scalars(select(CourseRow.name).order_by(CourseRow.name)))


def course_id_of(session: Session, course: str | None) -> int | None:
    """Return the id of a course by its name, and none for no course, which is all of them.

    Raises:
        NotFound: there is no such course.
    """
    if course is None:
        return None
    found = session.scalar(select(CourseRow.id).where(CourseRow.name == course))
    if found is None:
        raise NotFound(f"There is no course {course}.")
    return found

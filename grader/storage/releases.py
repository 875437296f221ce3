"""Releases: snapshots of assignments. The one with the highest id grades what is handed in now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader.domain.releases import Snapshot
from grader.storage import contents
from grader.storage.tables import (
    AssignmentRow,
    ContentRow,
    CourseRow,
    ReleaseFileRow,
    ReleaseRow,
)


@dataclass(frozen=True)
class NewRelease:
    """A snapshot to keep, and who released it when."""

    assignment_id: int
    snapshot: Snapshot
    released_by: str
    created_at: datetime


@dataclass(frozen=True)
class StoredRelease:
    """A release as the database knows it, without its files."""

    id: int
    course: str
    assignment: str
    version: str
    runtime: Mapping[str, str]


def add(session: Session, new: NewRelease) -> int:
    """Keep a release, which is the current one from now on, and return its id."""
    row = ReleaseRow(
        assignment_id=new.assignment_id,
        version=new.snapshot.version,
        runtime=dict(new.snapshot.runtime),
        released_by=new.released_by,
        created_at=new.created_at,
    )
    session.add(row)
    session.flush()
    for path, sha256 in sorted(contents.keep(session, new.snapshot.files).items()):
        session.add(ReleaseFileRow(release_id=row.id, path=path, sha256=sha256))
    session.flush()
    return row.id


def latest(session: Session) -> int:
    """Return the id of the release that was made last, 0 before the first."""
    return session.scalar(select(func.max(ReleaseRow.id))) or 0


def current(session: Session) -> list[StoredRelease]:
    """Return the current release of each assignment that has one, in the order of the names."""
    last = select(func.max(ReleaseRow.id)).group_by(ReleaseRow.assignment_id)
    wanted = _stored().where(ReleaseRow.id.in_(last)).order_by(CourseRow.name, AssignmentRow.name)
    return [_release(row, *place) for row, *place in session.execute(wanted)]


def find(session: Session, course: str, assignment: str, version: str) -> StoredRelease | None:
    """Return the release of an assignment at a suite version, the last one of several."""
    named = (CourseRow.name == course, AssignmentRow.name == assignment)
    wanted = _stored().where(*named, ReleaseRow.version == version)
    for row, *place in session.execute(wanted.order_by(ReleaseRow.id.desc()).limit(1)):
        return _release(row, *place)
    return None


def files(session: Session, release_id: int) -> dict[str, bytes]:
    """Return the files of a release, by path."""
    rows = session.execute(
        select(ReleaseFileRow.path, ContentRow.content)
        .join(ContentRow, ContentRow.sha256 == ReleaseFileRow.sha256)
        .where(ReleaseFileRow.release_id == release_id)
    )
    return {row.path: row.content for row in rows}


def file(session: Session, release_id: int, path: str) -> bytes:
    """Return one file that a release has."""
    return session.scalars(
        select(ContentRow.content)
        .join(ReleaseFileRow, ReleaseFileRow.sha256 == ContentRow.sha256)
        .where(ReleaseFileRow.release_id == release_id, ReleaseFileRow.path == path)
    ).one()


def _stored() -> Select[ReleaseRow, str, str]:
    return (
        select(ReleaseRow, CourseRow.name, AssignmentRow.name)
        .join(AssignmentRow, AssignmentRow.id == ReleaseRow.assignment_id)
        .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
    )


def _release(row: ReleaseRow, course: str, assignment: str) -> StoredRelease:
    return StoredRelease(row.id, course, assignment, row.version, dict(row.runtime))

"""Releasing: a snapshot that passed its gate is kept, and grades what is handed in from then on."""

from collections.abc import Iterator

from grader.domain.releases import Snapshot
from grader.grading.check import Checked, check_quickly
from grader.grading.slots import Slot
from grader.storage import courses, releases
from grader.storage.releases import NewRelease
from grader.suite.folder import read_snapshot
from grader.workflow.service import Place, Service, now

_NAME_CHARACTERS = 100


def place_of(snapshot: Snapshot) -> Place:
    """Return the course and the name of a snapshot's assignment.

    Raises:
        AssignmentError: its `assignment.toml` is not as it must be.
    """
    return Place(read_snapshot(snapshot).course, snapshot.name)


def is_current(service: Service, snapshot: Snapshot) -> bool:
    """Return whether a snapshot is what its assignment is graded with now."""
    place = place_of(snapshot)
    standing = service.suites.get((place.course, place.assignment))
    return standing is not None and standing.version == snapshot.version


def was_released(service: Service, snapshot: Snapshot) -> bool:
    """Return whether a snapshot was ever released, though others may have followed it."""
    place = place_of(snapshot)
    with service.database.reading() as session:
        found = releases.find(session, place.course, place.assignment, snapshot.version)
    return found is not None


def passes_quickly(service: Service, snapshot: Snapshot, slot: Slot) -> Iterator[Checked]:
    """Yield what the quick gate finds of a snapshot.

    Raises:
        SuiteFailure: the suite cannot be collected.
        AssignmentError: the solution lacks a file.
    """
    return check_quickly(service.suites.unpack_new(snapshot), slot)


def release(service: Service, snapshot: Snapshot, who: str) -> None:
    """Keep a snapshot and grade with it from now on; one that grades already is left alone."""
    assignment = read_snapshot(snapshot)
    with service.database.writing() as session:
        stored = courses.ensure_assignment(
            session, assignment.course, assignment.name, assignment.title
        )
        standing = releases.current(session)
        named = (assignment.course, assignment.name, snapshot.version)
        if named not in [(each.course, each.assignment, each.version) for each in standing]:
            new = NewRelease(stored.id, snapshot, who[:_NAME_CHARACTERS], now())
            releases.add(session, new)
    service.suites.look()

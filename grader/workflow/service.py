"""What the service stands on, and the assignments that it knows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from grader.domain.assignments import Assignment
from grader.domain.people import Identity
from grader.domain.releases import Release
from grader.errors import NotAllowed, NotFound
from grader.queue.board import Board
from grader.queue.releases import Releases
from grader.storage.database import Database

NO_ASSIGNMENT = "There is no such assignment."


@dataclass(frozen=True)
class Service:
    """What the service stands on."""

    database: Database
    suites: Releases
    board: Board = field(default_factory=Board)
    most_queued: int = 5000  # uploads that may wait; at 25 runs a second, 200 s


@dataclass(frozen=True)
class Place:
    """An assignment, by its course's name and its own."""

    course: str
    assignment: str


def list_assignments(service: Service, identity: Identity) -> list[Assignment]:
    """Return the assignments of the courses that `identity` takes part in."""
    return [
        suite.assignment
        for (course, _), suite in sorted(service.suites.items())
        if identity.enters(course)
    ]


def suite_of(service: Service, identity: Identity, place: Place) -> Release:
    """Return the release that grades what is handed in to an assignment now.

    Raises:
        NotFound: there is none, or not for this identity.
    """
    suite = service.suites.get((place.course, place.assignment))
    if suite is None or not identity.enters(place.course):
        raise NotFound(NO_ASSIGNMENT)
    return suite


def staff_suite_of(service: Service, identity: Identity, place: Place) -> Release:
    """Return the release that grades an assignment now, to staff of its course.

    Raises:
        NotFound: there is none, or not for this identity.
        NotAllowed: a student asks.
    """
    suite = suite_of(service, identity, place)
    if not identity.is_staff_of(place.course):
        raise NotAllowed("This is for staff: it shows how others stand.")
    return suite


def now() -> datetime:
    """Return the time, in UTC as the database keeps it."""
    return datetime.now(UTC)

"""A student's attempts at an assignment as staff see them, and two of them beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.domain.attempts import Attempt, Attempts, attempts_at
from grader.domain.people import Identity
from grader.domain.submissions import Submission
from grader.domain.verdicts import Visibility
from grader.errors import NotFound
from grader.storage import attempts, people, submissions
from grader.workflow.service import Place, Service, suite_of

_ALL = frozenset(Visibility)
NO_STUDENT = "There is no such student in this course."


@dataclass(frozen=True)
class Version:
    """An attempt with its files and what its cases came to."""

    submission: Submission
    files: Mapping[str, bytes]


def attempts_of(service: Service, identity: Identity, place: Place, student: str) -> Attempts:
    """Return a student's attempts, for staff.

    Raises:
        NotFound: there is no such assignment or student, or who asks is not of the staff.
    """
    assignment = suite_of(service, identity, place).assignment
    if not identity.is_staff_of(place.course):
        raise NotFound(NO_STUDENT)
    with service.database.reading() as session:
        stored = attempts.of_student(session, place.course, place.assignment, student)
        if not stored and not people.is_enrolled(session, place.course, student):
            raise NotFound(NO_STUDENT)
    return attempts_at(assignment, [each.seen(_ALL) for each in stored])


def two_versions(service: Service, before: Attempt, after: Attempt) -> tuple[Version, Version]:
    """Return two attempts of `attempts_of` in full.

    Raises:
        NotFound: one is gone.
    """
    ids = (before.submission_id, after.submission_id)
    with service.database.reading() as session:
        found = {each.id: each for each in submissions.read(session, ids, in_full=False)}
        contents = submissions.contents_of(session, ids)
    if len(found) < len(set(ids)):
        raise NotFound(NO_STUDENT)
    one, other = (Version(found[each], contents.get(each, {})) for each in ids)
    return one, other

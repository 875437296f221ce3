"""A class for the demo course: attempts that nobody handed in, graded like all others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.domain.intake import take_upload
from grader.domain.people import Role
from grader.domain.runs import new_seed
from grader.errors import NotFound
from grader.storage import courses, people, runs, submissions
from grader.storage.courses import StoredAssignment
from grader.storage.runs import NewRun
from grader.storage.submissions import NewSubmission
from grader.workflow.service import NO_ASSIGNMENT, Place, Service, now


@dataclass(frozen=True)
class PastAttempt:
    """Files that `student` handed in at `created_at`; `trigger` says how soon they are graded."""

    student: str
    created_at: datetime
    parts: Sequence[tuple[str, bytes]]
    trigger: str = runs.SAMPLE


def enter_class(service: Service, place: Place, attempts: Sequence[PastAttempt]) -> int:
    """Store attempts and queue their runs, all or none; return how many.

    None where anybody has handed in before, so that it is done once however often it is called.

    Raises:
        NotFound: there is no such assignment.
    """
    suite = service.suites[place.course, place.assignment]
    intakes = [take_upload(suite.assignment, attempt.parts) for attempt in attempts]
    made: dict[str, int] = {}
    with service.database.writing() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            raise NotFound(NO_ASSIGNMENT)
        if submissions.any_of(session, stored.id):
            return 0
        students = {name: _enrolled(session, stored, name) for name in _names(attempts)}
        moment = now()
        for attempt, intake in zip(attempts, intakes, strict=True):
            made[attempt.student] = made.get(attempt.student, 0) + 1
            new = NewSubmission(
                assignment_id=stored.id,
                person_id=students[attempt.student],
                attempt=made[attempt.student],
                late=False,
                created_at=attempt.created_at,
                files=intake.files,
                warnings=intake.warnings,
            )
            submission_id = submissions.add(session, new)
            run = NewRun(submission_id, attempt.trigger, suite.version, new_seed(), moment)
            runs.add(session, run)
    service.board.queued()
    return len(attempts)


def samples_left(service: Service) -> int:
    """Return how many runs of classes have not ended."""
    with service.database.reading() as session:
        return runs.count_open(session, runs.SAMPLE)


def _names(attempts: Sequence[PastAttempt]) -> list[str]:
    return list(dict.fromkeys(attempt.student for attempt in attempts))


def _enrolled(session: Session, stored: StoredAssignment, name: str) -> int:
    person_id = people.ensure_person(session, name)
    people.enrol(session, stored.course_id, person_id, Role.STUDENT)
    return person_id

"""Handing in: an upload becomes a submission and its queued run, both or neither."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from grader.domain.assignments import Assignment
from grader.domain.intake import Intake, Kept, take_upload
from grader.domain.people import Identity, Role
from grader.domain.policy import admit, is_late, slow_down, take_turns
from grader.domain.runs import new_seed
from grader.domain.submissions import SubmissionView, content_hashes
from grader.errors import NotAllowed, NotFound, Overloaded, UploadRefused
from grader.storage import courses, people, runs, submissions
from grader.storage.courses import StoredAssignment
from grader.storage.runs import NewRun
from grader.storage.submissions import NewSubmission
from grader.workflow.service import NO_ASSIGNMENT, Place, Service, now, suite_of
from grader.workflow.submissions import view_of

_RETRY_SECONDS = 60


@dataclass(frozen=True)
class Upload:
    """An upload as it came: named parts, for `student` or for the one who sends it.

    What it leaves out is taken from the attempt `keep_from`, where one is named.
    """

    parts: Sequence[tuple[str, bytes]]
    student: str | None = None
    idempotency_key: str | None = None
    keep_from: int | None = None


def submit(service: Service, identity: Identity, place: Place, upload: Upload) -> SubmissionView:
    """Store an upload and queue its run, both or neither.

    Raises:
        UploadRefused: the upload breaks a rule; nothing is stored.
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student uploads for another.
        TooOften: no attempt is left, or too many were sent lately or wait still.
        Overloaded: too many runs wait already.
    """
    suite = suite_of(service, identity, place)
    if upload.student not in (None, identity.name) and not identity.is_staff_of(place.course):
        raise NotAllowed("Only staff may upload for another student: leave `student` out.")
    # An attempt never changes, so it may be read before the lock on which other uploads wait.
    kept = _kept(service, place, upload.student or identity.name, upload.keep_from)
    intake = take_upload(suite.assignment, upload.parts, kept)
    with service.database.writing() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            raise NotFound(NO_ASSIGNMENT)
        person_id = _student(session, identity, upload)
        submissions.lock_student(session, person_id)
        submission_id = _repeated(session, (stored.id, person_id), upload, intake)
        if submission_id is None:
            new = _admitted(session, identity, suite.assignment, stored, person_id)
            admitted = replace(
                new,
                files=intake.files,
                warnings=intake.warnings,
                idempotency_key=upload.idempotency_key,
            )
            take_turns(suite.assignment, runs.open_uploads(session, stored.id, person_id))
            _refuse_beyond(session, service.most_queued)
            submission_id = submissions.add(session, admitted)
            run = NewRun(submission_id, runs.UPLOAD, suite.version, new_seed(), now())
            runs.add(session, run)
        # Read before it is stored: afterwards nothing may fail, or it would be sent once more.
        view = view_of(session, service, identity, submission_id)
    service.board.queued()
    return view


def _student(session: Session, identity: Identity, upload: Upload) -> int:
    if upload.student in (None, identity.name):
        return identity.person_id
    return people.ensure_person(session, upload.student)


def _refuse_beyond(session: Session, most: int) -> None:
    if runs.uploads_waiting(session) >= most:
        raise Overloaded(
            f"{most} submissions wait to be graded: send yours in a minute.", _RETRY_SECONDS
        )


def _kept(service: Service, place: Place, student: str, attempt: int | None) -> Kept | None:
    if attempt is None:
        return None
    with service.database.reading() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        files = stored and submissions.contents(session, stored.id, student, attempt)
    if not files:
        raise UploadRefused(
            "no_such_attempt", f"There is no attempt {attempt} to keep files from: choose another."
        )
    return Kept(attempt, files)


def _repeated(
    session: Session, student: tuple[int, int], upload: Upload, intake: Intake
) -> int | None:
    """Return the submission that an upload under the same idempotency key made before."""
    if upload.idempotency_key is None:
        return None
    earlier = submissions.find_by_key(session, *student, upload.idempotency_key)
    if earlier is None:
        return None
    stored = content_hashes(submissions.read(session, [earlier])[0])
    sent = {name: hashlib.sha256(data).hexdigest() for name, data in intake.files.items()}
    if stored != sent:
        raise UploadRefused(
            "key_reused", "This Idempotency-Key was used for other files: take a new key."
        )
    return earlier


def _admitted(
    session: Session,
    identity: Identity,
    assignment: Assignment,
    stored: StoredAssignment,
    person_id: int,
) -> NewSubmission:
    attempts = submissions.attempts_made(session, stored.id, person_id)
    moment = now()
    if not identity.is_staff_of(stored.course):
        admit(assignment, moment, attempts)
        back = assignment.uploads_per_minute
        slow_down(assignment, moment, submissions.made_at(session, stored.id, person_id, back))
    # Staff who try the assignment do not become one of its students by that.
    role = identity.role if person_id == identity.person_id else Role.STUDENT
    people.enrol(session, stored.course_id, person_id, role)
    late = is_late(assignment, moment)
    return NewSubmission(stored.id, person_id, attempts + 1, late, moment)

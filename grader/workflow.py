"""The way of a submission: who may hand in and read what, in whole transactions."""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from grader.domain.assignments import Assignment
from grader.domain.intake import Intake, take_upload
from grader.domain.people import Identity, Role
from grader.domain.policy import admit, counting, is_late
from grader.domain.runs import RunStatus, SuiteFolder
from grader.domain.submissions import (
    Submission,
    SubmissionView,
    content_hashes,
    shown_to_student,
    withhold,
)
from grader.domain.verdicts import Visibility
from grader.errors import NotAllowed, NotFound, NotSignedIn, UploadRefused
from grader.queue.board import Board
from grader.queue.slots import Suites
from grader.storage import courses, people, runs, submissions
from grader.storage.courses import StoredAssignment
from grader.storage.database import Database
from grader.storage.people import NewToken
from grader.storage.runs import NewRun
from grader.storage.submissions import NewSubmission, Page

_SEED_BITS = 53  # too many to try, and JavaScript can say them
_TOKEN_BYTES = 32
_TOKEN_PREFIX = "grd_"  # noqa: S105  # by which scanners know a leaked one; no secret
_LOOK_AGAIN_SECONDS = 1.0  # a run may end in another process, unheard
_ALL = frozenset(Visibility)
NO_SUBMISSION = "There is no such submission."
_NO_ASSIGNMENT = "There is no such assignment."


@dataclass(frozen=True)
class Service:
    """What the service stands on."""

    database: Database
    suites: Suites
    board: Board = field(default_factory=Board)


@dataclass(frozen=True)
class Place:
    """An assignment, by its course's name and its own."""

    course: str
    assignment: str


@dataclass(frozen=True)
class Upload:
    """An upload as it came: named parts, for `student` or for the one who sends it."""

    parts: Sequence[tuple[str, bytes]]
    student: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Listing:
    """Which submissions to list: of one student or all, older than `before`, at most `limit`."""

    limit: int
    before: int | None = None
    student: str | None = None


def register(service: Service) -> None:
    """Make the courses and assignments of the suites known to the database."""
    with service.database.writing() as session:
        for (course, name), suite in service.suites.items():
            courses.ensure_assignment(session, course, name, suite.assignment.title)


def create_token(database: Database, person: str, role: Role, label: str = "") -> str:
    """Make a token for a person, made if new, and return its secret, which is kept nowhere."""
    secret = _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    with database.writing() as session:
        people.add_token(session, NewToken(secret, person, role, _now(), label=label))
    return secret


def authenticate(service: Service, secret: str | None) -> Identity:
    """Return whom a token stands for.

    Raises:
        NotSignedIn: there is none, or it is not known or was revoked.
    """
    if secret:
        with service.database.reading() as session:
            if identity := people.find_identity(session, secret):
                return identity
    raise NotSignedIn("Send a valid token: Authorization: Bearer <token>.")


def submit(service: Service, identity: Identity, place: Place, upload: Upload) -> SubmissionView:
    """Store an upload and queue its run, both or neither.

    Raises:
        UploadRefused: the upload breaks a rule; nothing is stored.
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student uploads for another.
    """
    suite = _suite(service, identity, place)
    if upload.student not in (None, identity.name) and not identity.is_staff_of(place.course):
        raise NotAllowed("Only staff may upload for another student: leave `student` out.")
    intake = take_upload(suite.assignment, upload.parts)
    with service.database.writing() as session:
        stored = courses.find_assignment(session, *_names(place))
        if stored is None:
            raise NotFound(_NO_ASSIGNMENT)
        person_id = people.ensure_person(session, upload.student or identity.name)
        submissions.lock_student(session, person_id)
        submission_id = _repeated(session, (stored.id, person_id), upload, intake)
        if submission_id is None:
            new = _admitted(session, identity, suite.assignment, stored, person_id)
            kept = replace(
                new,
                files=intake.files,
                warnings=intake.warnings,
                idempotency_key=upload.idempotency_key,
            )
            submission_id = submissions.add(session, kept)
            seed = secrets.randbits(_SEED_BITS)
            runs.add(session, NewRun(submission_id, runs.UPLOAD, suite.version, seed, _now()))
    service.board.queued()
    return read_submission(service, identity, submission_id)


def read_submission(service: Service, identity: Identity, submission_id: int) -> SubmissionView:
    """Return a submission as `identity` may see it.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    with service.database.reading() as session:
        found = submissions.read(session, [submission_id])
        if not found or not _may_see(identity, found[0]):
            raise NotFound(NO_SUBMISSION)
        return _views(session, service, identity, found)[0]


def wait_until_ended(
    service: Service, identity: Identity, submission_id: int, seconds: float
) -> SubmissionView:
    """Return a submission when its run has ended, or as it is after `seconds`."""
    until = time.monotonic() + seconds
    run_id = read_submission(service, identity, submission_id).submission.run.id
    with service.board.watching(run_id) as ended:
        while _is_under_way(service, run_id) and not service.board.closed:
            left = until - time.monotonic()
            if left <= 0:
                break
            ended.wait(min(left, _LOOK_AGAIN_SECONDS))
    return read_submission(service, identity, submission_id)


def list_submissions(
    service: Service, identity: Identity, place: Place, wanted: Listing
) -> list[SubmissionView]:
    """Return submissions to an assignment, newest first: a student's own, or for staff any.

    Raises:
        NotFound: there is no such assignment for this identity.
    """
    _suite(service, identity, place)
    with service.database.reading() as session:
        stored = courses.find_assignment(session, *_names(place))
        if stored is None:
            return []
        student = wanted.student if identity.is_staff_of(place.course) else identity.name
        ids = submissions.listed(session, Page(stored.id, student, wanted.before, wanted.limit))
        return _views(session, service, identity, submissions.read(session, ids))


def read_file(service: Service, identity: Identity, submission_id: int, name: str) -> bytes:
    """Return the bytes of one submitted file.

    Raises:
        NotFound: there is none, or the submission is not theirs.
    """
    view = read_submission(service, identity, submission_id)
    if name in (file.name for file in view.submission.files):
        with service.database.reading() as session:
            return submissions.content(session, submission_id, name)
    raise NotFound("This submission has no file of that name.")


def list_assignments(service: Service, identity: Identity) -> list[Assignment]:
    """Return the assignments of the courses that `identity` takes part in."""
    return [
        suite.assignment
        for (course, _), suite in sorted(service.suites.items())
        if identity.enters(course)
    ]


def revoke_token(database: Database, secret: str) -> int:
    """Revoke a token by its secret; return how many were in force: 0 or 1."""
    with database.writing() as session:
        return people.revoke_token(session, secret, _now())


def revoke_tokens_of(database: Database, person: str) -> int:
    """Revoke every token of a person; return how many were in force."""
    with database.writing() as session:
        return people.revoke_tokens_of(session, person, _now())


def revoke_labelled(database: Database, label: str) -> int:
    """Revoke every token made under a label; return how many were in force."""
    with database.writing() as session:
        return people.revoke_labelled(session, label, _now())


def _suite(service: Service, identity: Identity, place: Place) -> SuiteFolder:
    suite = service.suites.get(_names(place))
    if suite is None or not identity.enters(place.course):
        raise NotFound(_NO_ASSIGNMENT)
    return suite


def _is_under_way(service: Service, run_id: int) -> bool:
    with service.database.reading() as session:
        return runs.status(session, run_id) in (RunStatus.QUEUED, RunStatus.RUNNING)


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
    now = _now()
    if not identity.is_staff_of(stored.course):
        admit(assignment, now, attempts)
    people.enrol(session, stored.course_id, person_id, Role.STUDENT)
    late = is_late(assignment, now)
    return NewSubmission(stored.id, person_id, attempts + 1, late, now)


def _may_see(identity: Identity, submission: Submission) -> bool:
    if identity.is_staff_of(submission.course):
        return True
    return identity.enters(submission.course) and identity.name == submission.student


def _views(
    session: Session, service: Service, identity: Identity, found: Sequence[Submission]
) -> list[SubmissionView]:
    """Show submissions to one assignment as `identity` may see them."""
    if not found:
        return []
    assignment = _assignment_of(service, found[0])
    staff = identity.is_staff_of(found[0].course)
    shown = _ALL if staff else shown_to_student(assignment, _now())
    stored = courses.find_assignment(session, found[0].course, found[0].assignment)
    scores: Mapping[str, list[tuple[int, float]]] = {}
    if stored is not None:
        students = {submission.student for submission in found}
        scores = submissions.scores(session, stored.id, students, shown)
    counts = {name: counting(assignment.counts, of) for name, of in scores.items()}
    views = []
    for submission in found:
        seen, withheld = withhold(submission, shown)
        views.append(
            SubmissionView(
                submission=seen,
                counts=counts.get(submission.student) == submission.attempt,
                pass_mark=assignment.pass_mark,
                for_staff=staff,
                withheld=withheld,
            )
        )
    return views


def _assignment_of(service: Service, submission: Submission) -> Assignment:
    suite = service.suites.get((submission.course, submission.assignment))
    if suite is not None:
        return suite.assignment
    # Its folder is gone; what was graded can still be read, at the usual pass mark.
    return Assignment(submission.assignment, submission.assignment, {}, course=submission.course)


def _names(place: Place) -> tuple[str, str]:
    return place.course, place.assignment


def _now() -> datetime:
    return datetime.now(UTC)

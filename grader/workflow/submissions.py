"""Reading submissions, each as its reader may see it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.domain.assignments import Assignment
from grader.domain.people import Identity
from grader.domain.policy import counting
from grader.domain.runs import RunStatus
from grader.domain.submissions import Submission, SubmissionView, shown_to_student, withhold
from grader.domain.verdicts import Visibility
from grader.errors import NotFound
from grader.storage import courses, submissions
from grader.storage.submissions import Page
from grader.workflow.service import Place, Service, now, suite_of

_ALL = frozenset(Visibility)
NO_SUBMISSION = "There is no such submission."


@dataclass(frozen=True)
class Listing:
    """Which submissions to list: of one student or all, older than `before`, of one status."""

    limit: int
    before: int | None = None
    student: str | None = None
    status: RunStatus | None = None


def read_submission(service: Service, identity: Identity, submission_id: int) -> SubmissionView:
    """Return a submission as `identity` may see it.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    with service.database.reading() as session:
        return view_of(session, service, identity, submission_id)


def view_of(
    session: Session, service: Service, identity: Identity, submission_id: int
) -> SubmissionView:
    """Return a submission as `identity` may see it, by what a transaction sees.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    found = submissions.read(session, [submission_id])
    if not found or not _may_see(identity, found[0]):
        raise NotFound(NO_SUBMISSION)
    return _views(session, service, identity, found)[0]


def list_submissions(
    service: Service, identity: Identity, place: Place, wanted: Listing
) -> list[SubmissionView]:
    """Return submissions to an assignment, newest first: a student's own, or for staff any.

    Their cases come without outputs and series; `read_submission` has those.

    Raises:
        NotFound: there is no such assignment for this identity.
    """
    suite_of(service, identity, place)
    with service.database.reading() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            return []
        student = wanted.student if identity.is_staff_of(place.course) else identity.name
        ids = submissions.listed(
            session, Page(stored.id, student, wanted.before, wanted.limit, wanted.status)
        )
        found = submissions.read(session, ids, in_full=False)
        return _views(session, service, identity, found)


def read_file(service: Service, identity: Identity, submission_id: int, name: str) -> bytes:
    """Return the bytes of one submitted file.

    Raises:
        NotFound: there is none, or the submission is not theirs.
    """
    return content_of(service, read_submission(service, identity, submission_id), name)


def read_files(service: Service, identity: Identity, submission_id: int) -> dict[str, bytes]:
    """Return the files of a submission by name.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    read_submission(service, identity, submission_id)
    with service.database.reading() as session:
        return submissions.contents_of(session, [submission_id]).get(submission_id, {})


def content_of(service: Service, view: SubmissionView, name: str) -> bytes:
    """Return the bytes of one file of a submission that its reader has.

    Raises:
        NotFound: there is none of that name.
    """
    if name in (file.name for file in view.submission.files):
        with service.database.reading() as session:
            return submissions.content(session, view.submission.id, name)
    raise NotFound("This submission has no file of that name.")


def shown_to(service: Service, identity: Identity, submission: Submission) -> Set[Visibility]:
    """Return the visibilities of the cases that `identity` may see of a submission now."""
    if identity.is_staff_of(submission.course):
        return _ALL
    return shown_to_student(assignment_of(service, submission), now())


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
    assignment = assignment_of(service, found[0])
    staff = identity.is_staff_of(found[0].course)
    shown = shown_to(service, identity, found[0])
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
                counting=counts.get(submission.student),
                pass_mark=assignment.pass_mark,
                for_staff=staff,
                withheld=withheld,
            )
        )
    return views


def assignment_of(service: Service, submission: Submission) -> Assignment:
    """Return the assignment of a submission, as it is now."""
    suite = service.suites.get((submission.course, submission.assignment))
    if suite is not None:
        return suite.assignment
    # Its folder is gone; what was graded can still be read, at the usual pass mark.
    return Assignment(submission.assignment, submission.assignment, {}, course=submission.course)

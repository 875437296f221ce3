"""Trying a failed run again, when its cause is mended."""

from grader.domain.people import Identity
from grader.domain.submissions import SubmissionView
from grader.errors import Conflict, NotAllowed
from grader.storage import runs
from grader.workflow.service import Place, Service, suite_of
from grader.workflow.submissions import read_submission


def retry(service: Service, identity: Identity, submission_id: int) -> SubmissionView:
    """Queue the failed run of a submission again, by the suite as it is now.

    Raises:
        NotFound: there is no such submission, or it is not theirs.
        NotAllowed: a student asks.
        Conflict: the run has not failed.
    """
    submission = read_submission(service, identity, submission_id).submission
    if not identity.is_staff_of(submission.course):
        raise NotAllowed("Only staff start a failed run again: tell your instructor.")
    suite = suite_of(service, identity, Place(submission.course, submission.assignment))
    with service.database.writing() as session:
        again = runs.retry(session, submission.run.id, suite.version)
    if not again:
        raise Conflict("Only a failed run can be tried again: this one has not failed.")
    service.board.queued()
    return read_submission(service, identity, submission_id)

"""Waiting for a run to end."""

from grader.domain.people import Identity
from grader.domain.submissions import Submission
from grader.workflow.progress import is_under_way
from grader.workflow.service import Service
from grader.workflow.submissions import read_submission
from tests.processes import wait_for

_PATIENCE = 60.0


def ended(service: Service, identity: Identity, submission: int) -> Submission:
    """Return a submission when its run has ended.

    Raises:
        TimeoutError: it did not.
    """
    run = read_submission(service, identity, submission).submission.run.id
    wait_for(lambda: not is_under_way(service, run), f"the end of run {run}", _PATIENCE)
    return read_submission(service, identity, submission).submission

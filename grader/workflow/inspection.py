"""What staff look at besides a result: its runs, its files, and which attempt counts instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from grader.domain.submissions import PastRun, SubmissionView
from grader.errors import NotAllowed
from grader.storage import past_runs, submissions
from grader.workflow.service import Service

_MOST_RUNS = 20


@dataclass(frozen=True)
class Inspection:
    """A submission's last runs, newest first, its files, and which counts instead, if another."""

    runs: tuple[PastRun, ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    counting_id: int | None = None


def inspect(service: Service, view: SubmissionView) -> Inspection:
    """Return what staff see of a submission besides its result.

    Raises:
        NotAllowed: its reader is not of the staff.
    """
    if not view.for_staff:
        raise NotAllowed("Only staff see all runs of a submission.")
    submission_id = view.submission.id
    with service.database.reading() as session:
        return Inspection(
            runs=tuple(
                past_runs.of_submission(session, submission_id, view.submission.run, _MOST_RUNS)
            ),
            contents=submissions.contents_of(session, [submission_id]).get(submission_id, {}),
            counting_id=_counting_id(session, view),
        )


def counting_submission(service: Service, view: SubmissionView) -> int | None:
    """Return the id of the submission that counts in place of a student's other one, if any."""
    with service.database.reading() as session:
        return _counting_id(session, view)


def _counting_id(session: Session, view: SubmissionView) -> int | None:
    if view.counts or view.counting is None:
        return None
    return submissions.id_of_attempt(session, view.submission.id, view.counting)

"""Following the run of a submission until it has ended."""

from collections.abc import Set
from dataclasses import dataclass

from grader.domain.people import Identity
from grader.domain.progress import Standing
from grader.domain.submissions import SubmissionView
from grader.domain.verdicts import CaseResult, Visibility
from grader.errors import NotFound
from grader.storage import attempts, runs, standings
from grader.workflow.service import Service
from grader.workflow.submissions import NO_SUBMISSION, read_submission, shown_to


@dataclass(frozen=True)
class Followed:
    """A run that somebody follows, and which cases they may hear of."""

    identity: Identity
    submission_id: int
    run_id: int
    shown: Set[Visibility]


@dataclass(frozen=True)
class Progress:
    """How a run stands, and what was judged so far; `view` once it is over."""

    standing: Standing
    cases: tuple[CaseResult, ...] = ()
    view: SubmissionView | None = None


def follow(service: Service, identity: Identity, submission_id: int) -> Followed:
    """Return the run to follow for a submission.

    Raises:
        NotFound: there is no such submission, or it is not theirs.
    """
    submission = read_submission(service, identity, submission_id).submission
    shown = shown_to(service, identity, submission)
    return Followed(identity, submission_id, submission.run.id, shown)


def progress(service: Service, followed: Followed) -> Progress:
    """Return how far a followed run is.

    Cases are heard of one by one where this process grades them, else when all are done.

    Raises:
        NotFound: the submission is gone.
    """
    with service.database.reading() as session:
        standing = standings.standing(session, followed.run_id)
    if standing is None:
        raise NotFound(NO_SUBMISSION)
    if standing.status.over:
        view = read_submission(service, followed.identity, followed.submission_id)
        return Progress(standing, view.submission.run.cases, view)
    judged = service.board.cases(followed.run_id, standing.tries)
    return Progress(standing, tuple(case for case in judged if case.visibility in followed.shown))


def is_under_way(service: Service, run_id: int) -> bool:
    """Return whether something may still come of a run."""
    with service.database.reading() as session:
        status = runs.status(session, run_id)
    return status is not None and not status.over


def tell_of_ends(service: Service) -> None:
    """Wake those whose run has ended unheard, in another process: one look for all of them."""
    if followed := service.board.followed():
        with service.database.reading() as session:
            over = runs.over(session, followed)
        for run_id in over:
            service.board.changed(run_id)


def cases_to_come(service: Service, followed: Followed) -> int | None:
    """Return how many cases a followed run will tell of, as far as an earlier run shows it."""
    with service.database.reading() as session:
        return attempts.cases_last_time(session, followed.run_id, followed.shown)

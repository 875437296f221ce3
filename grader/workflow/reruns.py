"""Reruns: begun, held, ended and applied by staff. Until one is applied no score moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from grader.domain.people import Identity
from grader.domain.reruns import Candidate, Only, Rerun, RerunState, Wanted, choose
from grader.errors import Conflict, NotAllowed, NotFound, UsageError
from grader.queue.reruns import Act, apply, end_reruns, record
from grader.storage import courses, rerun_rows, rerun_start, reruns
from grader.storage.rerun_start import NewRerun
from grader.storage.reruns import Page
from grader.workflow.service import NO_ASSIGNMENT, Place, Service, now, suite_of
from grader.workflow.submissions import read_submission

NO_RERUN = "There is no such rerun."
_MOST_WOKEN = 64  # slots; they go on by themselves while there are runs


class Action(StrEnum):
    """What can be done to a rerun besides applying it and taking that back."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    DISCARD = "discard"


_MOVES = {
    Action.PAUSE: ((RerunState.RUNNING,), RerunState.PAUSED),
    Action.RESUME: ((RerunState.PAUSED,), RerunState.RUNNING),
    Action.CANCEL: ((RerunState.RUNNING, RerunState.PAUSED), RerunState.CANCELLED),
    Action.DISCARD: ((RerunState.READY,), RerunState.DISCARDED),
}


@dataclass(frozen=True)
class Listing:
    """Which reruns to list: older than `before`, at most `limit`."""

    limit: int
    before: int | None = None


def start_rerun(
    service: Service, identity: Identity, place: Place, wanted: Wanted, key: str | None = None
) -> Rerun:
    """Queue what is wanted to be graded again by the suite as it is released now.

    Under an idempotency key that was used before, return the rerun begun then.

    Raises:
        NotFound: there is no such assignment, or nothing of that student or of those ids.
        NotAllowed: a student asks.
        UsageError: there is no such case.
        Conflict: the key was used for another rerun.
    """
    service.suites.look()  # what was released a moment ago, by another process, is what is meant
    suite = suite_of(service, identity, place)
    _insist_on_staff(identity, place.course)
    moment = now()
    with service.database.writing() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            raise NotFound(NO_ASSIGNMENT)
        reruns.lock_assignment(session, stored.id)
        if earlier := key and reruns.find_by_key(session, stored.id, identity.name, key):
            return _repeated(reruns.read(session, earlier, moment), wanted)
        _check_cases(session, wanted.cases, suite.version)
        candidates = rerun_start.candidates(session, stored.id, suite.version)
        _check_submissions(wanted, candidates, place)
        new = NewRerun(stored.id, wanted, suite.version, identity.name, moment, key)
        chosen = choose(wanted, candidates, suite.assignment)
        rerun_id = rerun_start.add(session, new, chosen)
        begun = _known(reruns.read(session, rerun_id, moment))
        record(session, begun, Act(identity.name, moment), "start", {"submissions": len(chosen)})
    for _ in chosen[:_MOST_WOKEN]:
        service.board.queued()
    if chosen:
        return begun
    end_reruns(service.database)
    return read_rerun(service, identity, rerun_id)


def rerun_submission(
    service: Service,
    identity: Identity,
    submission_id: int,
    wanted: Wanted,
    key: str | None = None,
) -> Rerun:
    """Queue one submission to be graded again.

    Raises:
        NotFound: there is no such submission, or it is not theirs.
        NotAllowed: a student asks.
    """
    submission = read_submission(service, identity, submission_id).submission
    place = Place(submission.course, submission.assignment)
    only_this = replace(wanted, student=None, submissions=(submission_id,))
    return start_rerun(service, identity, place, only_this, key)


def read_rerun(service: Service, identity: Identity, rerun_id: int) -> Rerun:
    """Return a rerun as it stands.

    Raises:
        NotFound: there is none, or not for this identity.
    """
    with service.database.reading() as session:
        return _theirs(session, identity, rerun_id)


def list_reruns(
    service: Service, identity: Identity, place: Place, listing: Listing
) -> list[Rerun]:
    """Return the reruns of an assignment, newest first.

    Raises:
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student asks.
    """
    suite_of(service, identity, place)
    _insist_on_staff(identity, place.course)
    page = Page(place.course, place.assignment, listing.before, listing.limit)
    with service.database.reading() as session:
        return reruns.listed(session, page, now())


def act_on(service: Service, identity: Identity, rerun_id: int, action: Action) -> Rerun:
    """Pause, resume, cancel or discard a rerun; done already, it is left as it is.

    Raises:
        NotFound: there is none, or not for this identity.
        Conflict: it is not in a state in which this can be done.
    """
    sources, target = _MOVES[action]
    act = Act(identity.name, now())
    with service.database.writing() as session:
        reruns.lock(session, rerun_id)
        rerun = _theirs(session, identity, rerun_id)
        if rerun.state is target:
            return rerun
        if not reruns.move(session, rerun_id, sources, target):
            raise _cannot(rerun, action, sources)
        if action is Action.CANCEL:
            reruns.cancel_runs(session, rerun_id)
            reruns.note_end(session, rerun_id, act.at)
        record(session, rerun, act, action, {"ended": rerun.progress.ended})
    for _ in range(min(rerun.progress.total, _MOST_WOKEN) if action is Action.RESUME else 0):
        service.board.queued()
    if action is Action.RESUME:  # its last runs may have ended while it was held
        end_reruns(service.database)
    return read_rerun(service, identity, rerun_id)


def apply_rerun(service: Service, identity: Identity, rerun_id: int, only: Only) -> Rerun:
    """Move the scores that a rerun proposes, in one transaction; applied already, leave it.

    Raises:
        NotFound: there is none, or not for this identity.
        Conflict: it is not ready, or other changes of it were applied.
    """
    with service.database.writing() as session:
        reruns.lock(session, rerun_id)
        rerun = _theirs(session, identity, rerun_id)
        if (rerun.state, rerun.applied_only) == (RerunState.APPLIED, only):
            return rerun
        ready = rerun.state is RerunState.READY
        if not ready or not apply(session, rerun, only, Act(identity.name, now())):
            raise _cannot(rerun, "apply", (RerunState.READY,))
    return read_rerun(service, identity, rerun_id)


def undo_rerun(service: Service, identity: Identity, rerun_id: int) -> Rerun:
    """Move back what applying moved and what still stands; undone already, leave it.

    Raises:
        NotFound: there is none, or not for this identity.
        Conflict: it was not applied.
    """
    act = Act(identity.name, now())
    with service.database.writing() as session:
        reruns.lock(session, rerun_id)
        rerun = _theirs(session, identity, rerun_id)
        if rerun.state is RerunState.UNDONE:
            return rerun
        if not reruns.move(session, rerun_id, (RerunState.APPLIED,), RerunState.UNDONE):
            raise _cannot(rerun, "undo", (RerunState.APPLIED,))
        undone = rerun_rows.take_back(session, rerun_id)
        record(session, rerun, act, "undo", {"undone": undone})
    return read_rerun(service, identity, rerun_id)


def _theirs(session: Session, identity: Identity, rerun_id: int) -> Rerun:
    rerun = reruns.read(session, rerun_id, now())
    if rerun is None or not identity.is_staff_of(rerun.course):
        raise NotFound(NO_RERUN)
    return rerun


def _known(rerun: Rerun | None) -> Rerun:
    if rerun is None:
        raise NotFound(NO_RERUN)
    return rerun


def _repeated(earlier: Rerun | None, wanted: Wanted) -> Rerun:
    rerun = _known(earlier)
    if rerun.wanted != wanted:
        raise Conflict("This Idempotency-Key was used for another rerun: take a new key.")
    return rerun


def _insist_on_staff(identity: Identity, course: str) -> None:
    if not identity.is_staff_of(course):
        raise NotAllowed("Only staff grade again: ask your instructor.")


def _check_cases(session: Session, cases: Sequence[str], version: str) -> None:
    """Refuse a case that is not there, where a run has shown which are."""
    known = rerun_start.known_cases(session, version) if cases else set()
    if known and (unknown := set(cases) - known):
        names, there = ", ".join(sorted(unknown)), ", ".join(sorted(known))
        raise UsageError(f"There is no case {names} in the suite; there are: {there}.")


def _check_submissions(wanted: Wanted, candidates: Sequence[Candidate], place: Place) -> None:
    where = f"{place.course}/{place.assignment}"
    if missing := set(wanted.submissions) - {each.submission_id for each in candidates}:
        ids = ", ".join(map(str, sorted(missing)))
        raise NotFound(f"{where} has no submission {ids}.")
    if wanted.student is not None and wanted.student not in {each.student for each in candidates}:
        raise NotFound(f"{where} has no submission of {wanted.student}.")


def _cannot(rerun: Rerun, action: str, sources: Sequence[RerunState]) -> Conflict:
    fitting = " or ".join(sources)
    return Conflict(f"Rerun {rerun.id} is {rerun.state}: {action} is for one that is {fitting}.")

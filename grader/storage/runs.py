"""Runs as a queue in the database: claimed under a lease, written only by the try that holds them.

SQLite gives the next run by their order, PostgreSQL by the jobs that Procrastinate keeps for them.
The sweep and every write compare the try's number, so a run that two workers did counts once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from grader.domain.reruns import RerunState
from grader.domain.runs import RunResult, RunStatus
from grader.domain.submissions import Run
from grader.domain.text import printable
from grader.storage import case_results, jobs, news
from grader.storage.changes import rows_changed
from grader.storage.jobs import WaitingRun
from grader.storage.tables import (
    AssignmentRow,
    ContentRow,
    CourseRow,
    RerunRow,
    RerunRunRow,
    RunRow,
    SubmissionFileRow,
    SubmissionRow,
)

UPLOAD, RERUN, SAMPLE = "upload", "rerun", "sample"  # what triggers a run
PRIORITY = {UPLOAD: 0, RERUN: 1, SAMPLE: 2}  # who waits for an upload goes first
_MOST_FAILURES = 3
# Three tries within a second would all meet the same full disk or missing memory.
_PAUSES = (timedelta(seconds=1), timedelta(seconds=4))
# A worker that dies (a power cut, SIGKILL) says nothing against the run it held; one that kills
# its worker each time must still come to an end.
_MOST_TRIES = 30
_MOST_LOOKS = 200  # at jobs of runs that may not be claimed, in one transaction
_ERROR_CHARACTERS = 4000
# Who claims takes the first by this: a student's first run goes before another's second.
ORDER = (RunRow.priority, RunRow.turn, RunRow.id)
_OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)
# Built once: to build a statement takes longer than to execute it.
_STATUS = select(RunRow.status).where(RunRow.id == bindparam("run"))
_OVER = select(RunRow.id).where(
    RunRow.id.in_(bindparam("ids", expanding=True)), RunRow.status.not_in(_OPEN)
)
_WITH_IDS = select(
    RunRow.id,
    RunRow.number,
    RunRow.trigger,
    RunRow.status,
    RunRow.suite_version,
    RunRow.seed,
    RunRow.tries,
    RunRow.seconds,
    RunRow.error,
    RunRow.notes,
).where(RunRow.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class NewRun:
    """A run to enqueue. No `cases` means all."""

    submission_id: int
    trigger: str
    suite_version: str
    seed: int
    queued_at: datetime
    cases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One try at a run: what to grade, and the number without which nothing may be written."""

    run_id: int
    submission_id: int
    trigger: str
    owner: str
    try_number: int
    course: str
    assignment: str
    suite_version: str
    seed: int
    cases: tuple[str, ...]
    files: Mapping[str, bytes]


def add(session: Session, new: NewRun) -> int:
    """Enqueue a run; a submission's first one speaks for it from now on."""
    last = select(func.max(RunRow.number)).where(RunRow.submission_id == new.submission_id)
    priority = PRIORITY[new.trigger]
    student = select(SubmissionRow.person_id).where(SubmissionRow.id == new.submission_id)
    theirs = SubmissionRow.person_id == student.scalar_subquery()
    row = RunRow(
        submission_id=new.submission_id,
        number=(session.scalar(last) or 0) + 1,
        trigger=new.trigger,
        priority=priority,
        turn=_open_among(session, priority, theirs),
        suite_version=new.suite_version,
        seed=new.seed,
        asked_cases=list(new.cases),
        status=RunStatus.QUEUED,
        queued_at=new.queued_at,
        notes=[],
    )
    session.add(row)
    session.flush()
    session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.id == new.submission_id, SubmissionRow.current_run_id.is_(None))
        .values(current_run_id=row.id)
    )
    jobs.defer(session, [WaitingRun(row.id, row.priority, row.turn)])
    return row.id


def claim(session: Session, owner: str, now: datetime, lease_until: datetime) -> Claim | None:
    """Take the run that is next, if any, for one try under a lease."""
    row = _next(session, now)
    if row is None:
        return None
    row.status, row.owner, row.tries = RunStatus.RUNNING, owner, row.tries + 1
    row.started_at, row.lease_until = now, lease_until
    session.flush()
    news.tell(session, row.id)
    course, assignment = session.execute(
        select(CourseRow.name, AssignmentRow.name)
        .join(AssignmentRow, AssignmentRow.course_id == CourseRow.id)
        .join(SubmissionRow, SubmissionRow.assignment_id == AssignmentRow.id)
        .where(SubmissionRow.id == row.submission_id)
    ).one()
    return Claim(
        run_id=row.id,
        submission_id=row.submission_id,
        trigger=row.trigger,
        owner=owner,
        try_number=row.tries,
        course=course,
        assignment=assignment,
        suite_version=row.suite_version,
        seed=row.seed,
        cases=tuple(row.asked_cases),
        files=_files(session, row.submission_id),
    )


def finish(session: Session, held: Claim, result: RunResult, now: datetime) -> bool:
    """Write a result; return False, with nothing written, where the try was lost meanwhile.

    Raises:
        SuiteFailure: a case ended in an internal error, so there is no score to write.
    """
    score = result.score
    written = session.execute(
        update(RunRow)
        .where(*_still_ours(held))
        .values(
            status=RunStatus.GRADED,
            suite_version=result.suite_version,
            seconds=result.seconds,
            points=score.points,
            max_points=score.max_points,
            notes=list(result.notes),
            finished_at=now,
            owner=None,
            lease_until=None,
        )
    )
    if rows_changed(written) == 0:
        return False
    replaced = _replaced(session, held.run_id) if held.cases else None
    case_results.add(session, held.run_id, result, replaced)
    if replaced is not None:
        _sum_up(session, held.run_id, replaced, result)
    news.tell(session, held.run_id)
    return True


def fail_try(session: Session, held: Claim, error: str, now: datetime) -> RunStatus | None:
    """Note that a try failed by our fault: the run is queued for later, or failed after the third.

    Returns where the run now stands, None where the try was lost meanwhile.
    """
    row = session.scalar(select(RunRow).where(*_still_ours(held)).with_for_update())
    if row is None:
        return None
    row.failures += 1
    row.error = printable(error, _ERROR_CHARACTERS)
    row.owner = row.lease_until = None
    if row.failures >= _MOST_FAILURES:
        row.status, row.finished_at = RunStatus.FAILED, now
    else:
        row.status = RunStatus.QUEUED
        row.not_before = now + _PAUSES[row.failures - 1]
        # On PostgreSQL it is given a job when it is due, by whoever claims or sweeps then.
    news.tell(session, row.id)
    return RunStatus(row.status)


def retry(session: Session, run_id: int, suite_version: str) -> bool:
    """Queue a failed run again, for three more tries; return False where it is not a failed one.

    The number of tries goes on, so what an earlier try may still write is not taken.
    """
    fresh = {
        "suite_version": suite_version,
        "failures": 0,
        "not_before": None,
        "finished_at": None,
    }
    failed = (RunRow.id == run_id, RunRow.status == RunStatus.FAILED)
    return _queue_again(session, failed, fresh) == 1


def release(session: Session, owner: str) -> int:
    """Queue again what `owner` holds, at no cost to the run; return how many that were."""
    return _let_go(session, RunRow.owner == owner)


def owners(session: Session) -> list[str]:
    """Return who holds runs."""
    held = select(RunRow.owner).where(RunRow.status == RunStatus.RUNNING).distinct()
    return [owner for owner in session.scalars(held) if owner is not None]


def renew(session: Session, owner: str, lease_until: datetime) -> None:
    """Extend the lease on what `owner` holds."""
    held = update(RunRow).where(RunRow.owner == owner, RunRow.status == RunStatus.RUNNING)
    session.execute(held.values(lease_until=lease_until))


def sweep(session: Session, now: datetime) -> int:
    """Queue again every run whose lease ran out or that has no job; return how many that were."""
    lapsed = or_(RunRow.lease_until < now, RunRow.lease_until.is_(None))
    session.execute(
        update(RunRow)
        .where(RunRow.status == RunStatus.RUNNING, lapsed, RunRow.tries >= _MOST_TRIES)
        .values(
            status=RunStatus.FAILED,
            error=f"lost with its worker in {_MOST_TRIES} tries",
            finished_at=now,
            owner=None,
            lease_until=None,
        )
    )
    return _let_go(session, lapsed) + _enqueue_forgotten(session, now)


def read(session: Session, ids: Collection[int | None], *, in_full: bool = True) -> dict[int, Run]:
    """Return the runs with these ids, and their results as `case_results.read` does."""
    rows = session.execute(_WITH_IDS, {"ids": ids}).all()
    results = case_results.read(session, [row.id for row in rows], in_full=in_full)
    return {
        row.id: Run(
            id=row.id,
            number=row.number,
            trigger=row.trigger,
            status=RunStatus(row.status),
            suite_version=row.suite_version,
            seed=row.seed,
            tries=row.tries,
            seconds=row.seconds,
            error=row.error,
            notes=tuple(row.notes),
            cases=results.get(row.id, ()),
        )
        for row in rows
    }


def uploads_waiting(session: Session) -> int:
    """Return how many runs of uploads are queued."""
    queued = RunRow.status == RunStatus.QUEUED
    waiting = select(func.count()).where(queued, RunRow.priority == PRIORITY[UPLOAD])
    return session.scalar(waiting) or 0


def status(session: Session, run_id: int) -> RunStatus | None:
    """Return where a run stands."""
    found = session.scalar(_STATUS, {"run": run_id})
    return RunStatus(found) if found else None


def over(session: Session, ids: Collection[int]) -> list[int]:
    """Return those of some runs of which nothing more comes."""
    return list(session.scalars(_OVER, {"ids": ids}))


def count_open(session: Session, trigger: str) -> int:
    """Return how many runs of a trigger have not ended."""
    open_ones = RunRow.status.in_(_OPEN)
    counted = select(func.count()).where(RunRow.trigger == trigger, open_ones)
    return session.scalar(counted) or 0


def open_uploads(session: Session, assignment_id: int, person_id: int) -> int:
    """Return how many uploads of a student at an assignment have not been graded to the end."""
    return _open_among(
        session,
        PRIORITY[UPLOAD],
        SubmissionRow.person_id == person_id,
        SubmissionRow.assignment_id == assignment_id,
    )


def _open_among(session: Session, priority: int, *submissions: ColumnElement[bool]) -> int:
    # Counted submission by submission: SQLite would go through the whole queue for a join, 4 ms
    # with 5000 that wait, and every upload asks.
    of_one = select(func.count()).where(
        RunRow.submission_id == SubmissionRow.id,
        RunRow.status.in_(_OPEN),
        RunRow.priority == priority,
    )
    return int(session.scalar(select(func.sum(of_one.scalar_subquery())).where(*submissions)) or 0)


def _replaced(session: Session, run_id: int) -> int | None:
    return session.scalar(select(RerunRunRow.replaces_id).where(RerunRunRow.run_id == run_id))


def _sum_up(session: Session, run_id: int, replaced: int, result: RunResult) -> None:
    """Let a run by case say what it comes to with the results that it took from another."""
    points, max_points = case_results.sums(session, run_id)
    earlier = session.scalar(select(RunRow.notes).where(RunRow.id == replaced)) or []
    session.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(
            points=points,
            max_points=max_points,
            notes=list(dict.fromkeys([*earlier, *result.notes])),
        )
    )


def _next(session: Session, now: datetime) -> RunRow | None:
    waiting = select(RunRow).where(*_claimable(now)).limit(1)
    if not jobs.are_kept(session):
        return session.scalar(waiting.order_by(*ORDER))
    for _ in range(_MOST_LOOKS):
        run_id = jobs.take(session)
        if run_id is None:
            if not _enqueue_forgotten(session, now):
                return None
            continue
        # A run that was cancelled or put off meanwhile loses its job here.
        row = session.scalar(waiting.where(RunRow.id == run_id).with_for_update())
        if row is not None:
            return row
    return None


def _claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    held_back = (
        select(RerunRunRow.run_id)
        .join(RerunRow, RerunRow.id == RerunRunRow.rerun_id)
        .where(RerunRunRow.run_id == RunRow.id, RerunRow.state != RerunState.RUNNING)
    )
    return (
        RunRow.status == RunStatus.QUEUED,
        or_(RunRow.not_before.is_(None), RunRow.not_before <= now),
        ~held_back.exists(),
    )


def _let_go(session: Session, which: ColumnElement[bool]) -> int:
    held = (RunRow.status == RunStatus.RUNNING, which)
    return _queue_again(session, held, {"owner": None, "lease_until": None})


def _queue_again(
    session: Session, which: tuple[ColumnElement[bool], ...], values: Mapping[str, object]
) -> int:
    queued = session.execute(
        update(RunRow)
        .where(*which)
        .values(status=RunStatus.QUEUED, **values)
        .returning(RunRow.id, RunRow.priority, RunRow.turn)
    ).all()
    jobs.defer(session, [WaitingRun(row.id, row.priority, row.turn) for row in queued])
    for row in queued:
        news.tell(session, row.id)
    return len(queued)


def _enqueue_forgotten(session: Session, now: datetime) -> int:
    """Give a job to each run that may be claimed and has none: it came due, or lost its job."""
    if not jobs.are_kept(session) or not jobs.may_be_swept(session):
        return 0
    forgotten = session.execute(
        select(RunRow.id, RunRow.priority, RunRow.turn)
        .where(*_claimable(now), ~jobs.wait_for(RunRow.id))
        .order_by(RunRow.id)
    ).all()
    jobs.defer(session, [WaitingRun(row.id, row.priority, row.turn) for row in forgotten])
    return len(forgotten)


def _still_ours(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        RunRow.id == held.run_id,
        RunRow.status == RunStatus.RUNNING,
        RunRow.owner == held.owner,
        RunRow.tries == held.try_number,
    )


def _files(session: Session, submission_id: int) -> dict[str, bytes]:
    rows = session.execute(
        select(SubmissionFileRow.name, ContentRow.content)
        .join(ContentRow, ContentRow.sha256 == SubmissionFileRow.sha256)
        .where(SubmissionFileRow.submission_id == submission_id)
    )
    return {row.name: row.content for row in rows}

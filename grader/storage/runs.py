"""Runs as a queue in the database: claimed under a lease, written only by the try that holds them.

SQLite gives the next run by their order, PostgreSQL by the jobs that Procrastinate keeps for them.
The sweep and every write compare the try's number, so a run that two workers did counts once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from grader.domain.runs import RunResult, RunStatus
from grader.domain.submissions import Run
from grader.domain.text import printable
from grader.storage import case_results, jobs, news
from grader.storage.changes import insert_into, rows_changed
from grader.storage.jobs import WaitingRun
from grader.storage.next_runs import OPEN, next_run, open_among, queue_again
from grader.storage.tables import (
    AssignmentRow,
    ContentRow,
    CourseRow,
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
_ERROR_CHARACTERS = 4000
# Built once: to build a statement takes longer than to execute it.
_NEW = insert_into(RunRow).returning(RunRow.id)
_ITS_STUDENT = select(SubmissionRow.person_id).where(SubmissionRow.id == bindparam("submission"))
_NEXT_OF_SUBMISSION = select(
    select(func.coalesce(func.max(RunRow.number), 0) + 1)
    .where(RunRow.submission_id == bindparam("submission"))
    .scalar_subquery(),
    open_among(SubmissionRow.person_id == _ITS_STUDENT.scalar_subquery()).scalar_subquery(),
)
_SPEAK_FIRST = (
    update(SubmissionRow)
    .where(SubmissionRow.id == bindparam("submission"), SubmissionRow.current_run_id.is_(None))
    .values(current_run_id=bindparam("run"))
    .execution_options(synchronize_session=False)
)
_TAKE = (
    update(RunRow)
    .where(RunRow.id == bindparam("run"))
    .values(
        status=RunStatus.RUNNING,
        owner=bindparam("by"),
        tries=RunRow.tries + 1,
        started_at=bindparam("at"),
        lease_until=bindparam("until"),
    )
    .execution_options(synchronize_session=False)
)
_PLACE = (
    select(CourseRow.name, AssignmentRow.name)
    .join(AssignmentRow, AssignmentRow.course_id == CourseRow.id)
    .join(SubmissionRow, SubmissionRow.assignment_id == AssignmentRow.id)
    .where(SubmissionRow.id == bindparam("submission"))
)
_FILES = (
    select(SubmissionFileRow.name, ContentRow.content)
    .join(ContentRow, ContentRow.sha256 == SubmissionFileRow.sha256)
    .where(SubmissionFileRow.submission_id == bindparam("submission"))
)
_OURS = (  # the fence: a try that was lost meanwhile changes nothing
    RunRow.id == bindparam("run"),
    RunRow.status == RunStatus.RUNNING,
    RunRow.owner == bindparam("held_by"),
    RunRow.tries == bindparam("try"),
)
_HELD = select(RunRow).where(*_OURS).with_for_update()
_FINISH = (
    update(RunRow)
    .where(*_OURS)
    .values(
        status=RunStatus.GRADED,
        suite_version=bindparam("version"),
        seconds=bindparam("took"),
        points=bindparam("earned"),
        max_points=bindparam("to_earn"),
        notes=bindparam("said"),
        finished_at=bindparam("at"),
        owner=None,
        lease_until=None,
    )
    .execution_options(synchronize_session=False)
)
_WAITING = select(func.count()).where(
    RunRow.status == RunStatus.QUEUED, RunRow.priority == bindparam("priority")
)
_OPEN_OF_STUDENT = open_among(
    SubmissionRow.person_id == bindparam("person"),
    SubmissionRow.assignment_id == bindparam("assignment"),
)
_STATUS = select(RunRow.status).where(RunRow.id == bindparam("run"))
_OVER = select(RunRow.id).where(
    RunRow.id.in_(bindparam("ids", expanding=True)), RunRow.status.not_in(OPEN)
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
    priority = PRIORITY[new.trigger]
    of_it = {"submission": new.submission_id, "priority": priority}
    number, turn = session.execute(_NEXT_OF_SUBMISSION, of_it).one()
    run_id = session.scalars(
        _NEW,
        {
            "submission_id": new.submission_id,
            "number": number,
            "trigger": new.trigger,
            "priority": priority,
            "turn": turn,
            "suite_version": new.suite_version,
            "seed": new.seed,
            "asked_cases": list(new.cases),
            "status": RunStatus.QUEUED,
            "queued_at": new.queued_at,
            "notes": [],
        },
    ).one()
    session.execute(_SPEAK_FIRST, {"submission": new.submission_id, "run": run_id})
    jobs.defer(session, [WaitingRun(run_id, priority, turn)])
    return run_id


def claim(session: Session, owner: str, now: datetime, lease_until: datetime) -> Claim | None:
    """Take the run that is next, if any, for one try under a lease."""
    run = next_run(session, now)
    if run is None:
        return None
    by = {"by": owner, "at": now, "until": lease_until}
    session.execute(_TAKE, {"run": run.id, **by})
    news.tell(session, run.id)
    course, assignment = session.execute(_PLACE, {"submission": run.submission_id}).one()
    files = session.execute(_FILES, {"submission": run.submission_id})
    return Claim(
        run_id=run.id,
        submission_id=run.submission_id,
        trigger=run.trigger,
        owner=owner,
        try_number=run.tries + 1,
        course=course,
        assignment=assignment,
        suite_version=run.suite_version,
        seed=run.seed,
        cases=tuple(run.asked_cases),
        files={file.name: file.content for file in files},
    )


def finish(session: Session, held: Claim, result: RunResult, now: datetime) -> bool:
    """Write a result; return False, with nothing written, where the try was lost meanwhile.

    Raises:
        SuiteFailure: a case ended in an internal error, so there is no score to write.
    """
    score = result.score
    comes_to = {
        "version": result.suite_version,
        "took": result.seconds,
        "earned": score.points,
        "to_earn": score.max_points,
        "said": list(result.notes),
        "at": now,
    }
    written = session.execute(_FINISH, {**_fence(held), **comes_to})
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
    row = session.scalar(_HELD, _fence(held))
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
    return queue_again(session, failed, fresh) == 1


def read(session: Session, ids: Collection[int | None], *, in_full: bool = True) -> dict[int, Run]:
    """Return the runs with these ids, and their results as `case_results.read` does."""
    rows = session.execute(_WITH_IDS, {"ids": ids}).all()
    graded = [row.id for row in rows if row.status == RunStatus.GRADED]
    results = case_results.read(session, graded, in_full=in_full) if graded else {}
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
    return session.scalar(_WAITING, {"priority": PRIORITY[UPLOAD]}) or 0


def status(session: Session, run_id: int) -> RunStatus | None:
    """Return where a run stands."""
    found = session.scalar(_STATUS, {"run": run_id})
    return RunStatus(found) if found else None


def over(session: Session, ids: Collection[int]) -> list[int]:
    """Return those of some runs of which nothing more comes."""
    return list(session.scalars(_OVER, {"ids": ids}))


def count_open(session: Session, trigger: str) -> int:
    """Return how many runs of a trigger have not ended."""
    open_ones = RunRow.status.in_(OPEN)
    counted = select(func.count()).where(RunRow.trigger == trigger, open_ones)
    return session.scalar(counted) or 0


def open_uploads(session: Session, assignment_id: int, person_id: int) -> int:
    """Return how many uploads of a student at an assignment have not been graded to the end."""
    theirs = {"assignment": assignment_id, "person": person_id, "priority": PRIORITY[UPLOAD]}
    return session.scalar(_OPEN_OF_STUDENT, theirs) or 0


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


def _fence(held: Claim) -> dict[str, object]:
    return {"run": held.run_id, "held_by": held.owner, "try": held.try_number}

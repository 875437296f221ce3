"""Beginning a rerun: what there is to grade again, and its runs, queued in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from grader.domain.reruns import Candidate, RerunState, Wanted
from grader.domain.runs import RunStatus
from grader.storage import jobs
from grader.storage.jobs import WaitingRun
from grader.storage.parts import in_parts
from grader.storage.runs import PRIORITY, RERUN, NewRun
from grader.storage.stale import is_stale
from grader.storage.tables import (
    CaseResultRow,
    PersonRow,
    RerunRow,
    RerunRunRow,
    RunRow,
    SubmissionRow,
)


@dataclass(frozen=True)
class NewRerun:
    """A rerun to begin."""

    assignment_id: int
    wanted: Wanted
    suite_version: str
    started_by: str
    created_at: datetime
    idempotency_key: str | None = None


def candidates(session: Session, assignment_id: int, suite_version: str) -> list[Candidate]:
    """Return all submissions to an assignment; what is not of `suite_version` alone is stale."""
    rows = session.execute(
        select(
            SubmissionRow.id, PersonRow.name, SubmissionRow.attempt, RunRow, is_stale(suite_version)
        )
        .join(PersonRow, PersonRow.id == SubmissionRow.person_id)
        .join(RunRow, RunRow.id == SubmissionRow.current_run_id)
        .where(SubmissionRow.assignment_id == assignment_id)
        .order_by(SubmissionRow.id)
    )
    return [
        Candidate(
            submission_id=submission_id,
            student=student,
            attempt=attempt,
            run_id=run.id,
            status=RunStatus(run.status),
            seed=run.seed,
            version=run.suite_version,
            points=run.points if run.status == RunStatus.GRADED else None,
            stale=bool(stale),
        )
        for submission_id, student, attempt, run, stale in rows
    ]


def add(session: Session, new: NewRerun, chosen: Sequence[Candidate]) -> int:
    """Begin a rerun of the chosen submissions and return its id."""
    wanted = new.wanted
    row = RerunRow(
        assignment_id=new.assignment_id,
        state=RerunState.RUNNING,
        mode=wanted.mode,
        scope=wanted.scope,
        student=wanted.student,
        submissions=list(wanted.submissions),
        cases=list(wanted.cases),
        suite_version=new.suite_version,
        started_by=new.started_by,
        idempotency_key=new.idempotency_key,
        created_at=new.created_at,
    )
    session.add(row)
    session.flush()
    version, moment = new.suite_version, new.created_at
    run_ids = _add_beside(
        session,
        [
            NewRun(each.submission_id, RERUN, version, each.seed, moment, wanted.cases)
            for each in chosen
        ],
    )
    proposed = [
        {
            "run_id": run_id,
            "rerun_id": row.id,
            "replaces_id": each.run_id,
            "replaced_version": each.version,
        }
        for run_id, each in zip(run_ids, chosen, strict=True)
    ]
    if proposed:
        session.execute(insert(RerunRunRow), proposed)
    return row.id


def known_cases(session: Session, suite_version: str) -> set[str]:
    """Return the names of a suite version's cases by the last run of all of them, if any."""
    last = (
        select(func.max(CaseResultRow.run_id))
        .where(CaseResultRow.suite_version == suite_version)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CaseResultRow.name, RunRow.asked_cases)
        .join(RunRow, RunRow.id == CaseResultRow.run_id)
        .where(CaseResultRow.run_id == last)
    ).all()
    return set() if any(row.asked_cases for row in rows) else {row.name for row in rows}


def _add_beside(session: Session, new: Sequence[NewRun]) -> list[int]:
    """Enqueue runs of submissions that others speak for, in few statements; return their ids."""
    submissions = [each.submission_id for each in new]
    last = _newest(session, submissions)
    rows = [
        {
            "submission_id": each.submission_id,
            "number": last[each.submission_id].number + 1,
            "trigger": each.trigger,
            "priority": PRIORITY[each.trigger],
            "suite_version": each.suite_version,
            "seed": each.seed,
            "asked_cases": list(each.cases),
            "status": RunStatus.QUEUED,
            "queued_at": each.queued_at,
            "notes": [],
        }
        for each in new
    ]
    if rows:
        # Asking for the ids at once would insert one by one on SQLite, which cannot order them.
        session.execute(insert(RunRow), rows)
    made = _newest(session, submissions)
    ids = [made[submission_id].run_id for submission_id in submissions]
    waiting = zip(ids, new, strict=True)
    jobs.defer(session, [WaitingRun(run_id, PRIORITY[each.trigger]) for run_id, each in waiting])
    return ids


@dataclass(frozen=True)
class _Newest:
    run_id: int
    number: int


def _newest(session: Session, submissions: Sequence[int]) -> dict[int, _Newest]:
    """Return the newest run of each submission; ids and numbers grow together."""
    found = {}
    for some in in_parts(submissions):
        newest = select(RunRow.submission_id, func.max(RunRow.id), func.max(RunRow.number))
        of_some = newest.where(RunRow.submission_id.in_(some)).group_by(RunRow.submission_id)
        for submission_id, run_id, number in session.execute(of_some):
            found[submission_id] = _Newest(run_id, number)
    return found

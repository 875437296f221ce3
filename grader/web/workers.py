"""The route of who grades, and what they are at."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from grader.domain.text import REPORT_CHARACTERS, printable
from grader.domain.workers import FailedRun, RunAtWork, WorkerNow
from grader.web.access import SignedIn, SignedInRoute
from grader.web.models import PROBLEM
from grader.workflow.workers import read_workshop

_READS: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 403, 503), PROBLEM)

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["workers"])


class RunAtWorkModel(BaseModel):
    """A run that a slot is at; of another course only when it began."""

    since: datetime
    submission: int | None
    run: int
    trigger: str
    course: str | None
    assignment: str | None
    student: str | None


class WorkerModel(BaseModel):
    """A process with slots; `layers` are those of its sandbox, and whether each is there."""

    name: str
    host: str
    live: bool
    slots: int
    started_at: datetime
    seen_at: datetime
    layers: dict[str, bool]
    trouble: str
    at_work: list[RunAtWorkModel]


class FailedRunModel(BaseModel):
    """A submission without a score by our fault; `POST /submissions/{id}/retry` tries it again."""

    submission: int
    course: str
    assignment: str
    student: str
    attempt: int
    tries: int
    error: str
    failed_at: datetime | None


class WorkerList(BaseModel):
    """All who grade, and what waits; `failed` are the last of `failures`."""

    items: list[WorkerModel]
    next: None = None
    waiting: int
    waiting_since: datetime | None
    failed: list[FailedRunModel]
    failures: int


@router.get("/workers", responses=_READS)
def workers(access: SignedIn) -> WorkerList:
    """Tell who grades and what they are at, for staff."""
    found = read_workshop(access.service, access.identity)
    return WorkerList(
        items=[_worker(each) for each in found.workers],
        waiting=found.waiting.runs,
        waiting_since=found.waiting.since,
        failed=[_failed(each) for each in found.failed],
        failures=found.failures,
    )


def _worker(now: WorkerNow) -> WorkerModel:
    worker = now.worker
    return WorkerModel(
        name=worker.name,
        host=worker.host,
        live=now.live,
        slots=worker.slots,
        started_at=worker.started_at,
        seen_at=worker.seen_at,
        layers=dict(worker.layers),
        trouble=worker.trouble,
        at_work=[_at_work(run) for run in now.at_work],
    )


def _at_work(run: RunAtWork) -> RunAtWorkModel:
    return RunAtWorkModel(
        since=run.started_at,
        submission=run.submission_id or None,
        run=run.number,
        trigger=run.trigger,
        course=run.course or None,
        assignment=run.assignment or None,
        student=run.student or None,
    )


def _failed(run: FailedRun) -> FailedRunModel:
    return FailedRunModel(
        submission=run.submission_id,
        course=run.course,
        assignment=run.assignment,
        student=run.student,
        attempt=run.attempt,
        tries=run.tries,
        error=printable(run.error, REPORT_CHARACTERS),
        failed_at=run.failed_at,
    )

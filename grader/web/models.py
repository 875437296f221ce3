"""What the API answers: models of this package, made from the domain's values."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from grader.domain.assignments import Assignment
from grader.domain.people import Role
from grader.domain.progress import QueuePlace
from grader.domain.runs import RunStatus
from grader.domain.submissions import Submission, SubmissionView
from grader.domain.text import REPORT_CHARACTERS, printable
from grader.domain.verdicts import CaseResult, Verdict
from grader.grading.formats.jsonlines import case_object

_WITHHELD = "Some cases are shown later: this score is over those that you can see now."
_FAILED = "The grader failed, not your files: this is told to staff, who can start it again."


class ListedCaseModel(BaseModel):
    """What one case came to, without what was printed there."""

    name: str
    file: str
    points: float
    max_points: float
    verdict: Verdict
    message: str
    hint: str
    seconds: float


class CaseModel(ListedCaseModel):
    """What one case came to."""

    output: str


class FileModel(BaseModel):
    """A stored file."""

    name: str
    bytes: int
    sha256: str


class RunModel(BaseModel):
    """The run that speaks for a submission; the seed is shown to staff only."""

    number: int
    trigger: str
    suite_version: str
    tries: int
    seed: int | None


class ListedSubmissionModel(BaseModel):
    """A submission as its reader may see it; what its cases printed is read with it alone."""

    id: int
    course: str
    assignment: str
    student: str
    attempt: int
    late: bool
    counts: bool
    created_at: datetime
    status: RunStatus
    score: float | None
    max_score: float | None
    passed: bool | None
    seconds: float | None
    suite_version: str
    seed: int | None
    error: str | None
    warnings: list[str]
    notes: list[str]
    cases: Sequence[ListedCaseModel]
    files: list[FileModel]
    run: RunModel


class SubmissionModel(ListedSubmissionModel):
    """A submission as its reader may see it."""

    cases: Sequence[CaseModel]


class QueuedModel(BaseModel):
    """A run's place in the queue, 1 for the next one; `expected_seconds` until it is graded."""

    place: int
    of: int
    expected_seconds: int | None


class RunningModel(BaseModel):
    """A try that began: what earlier tries said of cases no longer holds."""

    tries: int


class SubmissionList(BaseModel):
    """A page of submissions; `next` is the cursor of the page after it."""

    items: list[ListedSubmissionModel]
    next: str | None


class AssignmentModel(BaseModel):
    """An assignment, and what to hand in."""

    course: str
    name: str
    title: str
    files: list[str]
    partial_uploads: bool
    opens: datetime | None
    due: datetime | None
    pass_mark: float


class AssignmentList(BaseModel):
    """All assignments of one's courses."""

    items: list[AssignmentModel]
    next: str | None


class CourseModel(BaseModel):
    """A course, and what is handed in there."""

    name: str
    assignments: list[str]


class CourseList(BaseModel):
    """All of one's courses."""

    items: list[CourseModel]
    next: str | None


class MeModel(BaseModel):
    """Whom the token stands for."""

    name: str
    role: Role
    course: str | None


class HealthModel(BaseModel):
    """Whether the service is alive, or ready, and what it is ready with."""

    status: str
    checks: dict[str, str] = {}


class Problem(BaseModel):
    """A problem document (RFC 9457); `reason` is a stable word for programs."""

    type: str
    title: str
    status: int
    detail: str
    reason: str | None = None


PROBLEM = {"model": Problem, "content": {"application/problem+json": {}}}
"""How a route's description says that it answers with a problem."""


def submission_model(view: SubmissionView) -> SubmissionModel:
    """Return the resource that shows a submission."""
    cases = [case_model(case) for case in view.submission.run.cases]
    return SubmissionModel(**_about(view), cases=cases)


def listed_submission_model(view: SubmissionView) -> ListedSubmissionModel:
    """Return the resource that shows a submission in a list."""
    cases = [ListedCaseModel(**case_object(case)) for case in view.submission.run.cases]
    return ListedSubmissionModel(**_about(view), cases=cases)


def case_model(case: CaseResult) -> CaseModel:
    """Return the resource that shows a case, with the fields that the command line tells."""
    return CaseModel(**case_object(case))


def queued_model(place: QueuePlace) -> QueuedModel:
    """Return what is told of a place in the queue."""
    seconds = place.expected_seconds
    expected = None if seconds is None else math.ceil(seconds)
    return QueuedModel(place=place.ahead + 1, of=place.waiting, expected_seconds=expected)


def assignment_model(assignment: Assignment) -> AssignmentModel:
    """Return the resource that shows an assignment."""
    return AssignmentModel(
        course=assignment.course,
        name=assignment.name,
        title=assignment.title,
        files=list(assignment.files),
        partial_uploads=assignment.partial_uploads,
        opens=assignment.opens,
        due=assignment.due,
        pass_mark=assignment.pass_mark,
    )


def _about(view: SubmissionView) -> dict[str, Any]:
    """Return all fields of a submission but its cases."""
    submission, run = view.submission, view.submission.run
    score = submission.score
    seed = run.seed if view.for_staff else None
    return {
        "id": submission.id,
        "course": submission.course,
        "assignment": submission.assignment,
        "student": submission.student,
        "attempt": submission.attempt,
        "late": submission.late,
        "counts": view.counts,
        "created_at": submission.created_at,
        "status": run.status,
        "score": None if score is None else score.points,
        "max_score": None if score is None else score.max_points,
        "passed": view.passed,
        "seconds": run.seconds,
        "suite_version": run.suite_version,
        "seed": seed,
        "error": _error(view),
        "warnings": list(submission.warnings),
        "notes": _notes(view),
        "files": _files(submission),
        "run": RunModel(
            number=run.number,
            trigger=run.trigger,
            suite_version=run.suite_version,
            tries=run.tries,
            seed=seed,
        ),
    }


def _error(view: SubmissionView) -> str | None:
    run = view.submission.run
    if run.status is not RunStatus.FAILED:
        return None
    return run.error if view.for_staff else _FAILED


def _notes(view: SubmissionView) -> list[str]:
    notes = [printable(note, REPORT_CHARACTERS) for note in view.submission.run.notes]
    return [_WITHHELD, *notes] if view.withheld else notes


def _files(submission: Submission) -> list[FileModel]:
    return [
        FileModel(name=file.name, bytes=file.size, sha256=file.sha256) for file in submission.files
    ]

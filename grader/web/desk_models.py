"""What the API answers of a class: its gradebook and its statistics."""

from datetime import datetime

from pydantic import BaseModel

from grader.domain.gradebook import Gradebook, Progress, Row
from grader.domain.statistics import CaseStatistics, Statistics
from grader.domain.text import printable
from grader.grading.formats.gradebook import student_object

_MESSAGE = 500


class CellModel(BaseModel):
    """What a case of the submission that counts came to."""

    name: str
    points: float
    max_points: float


class StudentModel(BaseModel):
    """How a student stands; what is of the submission that counts is null where there is none."""

    student: str
    section: str
    progress: Progress
    score: float | None
    max_score: float | None
    passed: bool | None
    submission: int | None
    attempt: int | None
    late: bool | None
    suite_version: str | None
    attempts: int
    last_activity: datetime | None
    waiting: int
    failed: int
    stale: int
    cases: list[CellModel]


class GradebookModel(BaseModel):
    """A page of students, of the `total` that match; `next` is the cursor of the page after it."""

    items: list[StudentModel]
    next: str | None
    total: int


class MistakeModel(BaseModel):
    """A mistake at a case, as one student was told of it; `key` asks the gradebook who made it."""

    key: str
    message: str
    students: int


class CaseStatisticsModel(BaseModel):
    """How a case went over the submissions that count; `rate` is the share with all its points."""

    name: str
    file: str
    max_points: float
    students: int
    accepted: int
    rate: float
    mistakes: list[MistakeModel]


class BarModel(BaseModel):
    """How many counted scores lie from `low` up to below `high`; the last bar has `high` too."""

    low: float
    high: float
    students: int


class SpellModel(BaseModel):
    """How many submissions were made in a quarter of an hour."""

    since: datetime
    submissions: int


class QueueModel(BaseModel):
    """What waits to be graded, reruns among it, since when the oldest, and what is being graded."""

    waiting: int
    running: int
    oldest: datetime | None


class StatisticsModel(BaseModel):
    """How a class stands: students by how far they are, then submissions by their state."""

    students: int
    submitted: int
    passed: int
    not_passed: int
    no_score: int
    nothing: int
    submissions: int
    waiting: int
    failed: int
    stale: int
    mean: float | None
    median: float | None
    max_score: float
    histogram: list[BarModel]
    cases: list[CaseStatisticsModel]
    activity: list[SpellModel]
    queue: QueueModel


def student_model(book: Gradebook, row: Row) -> StudentModel:
    """Return the resource that shows how a student stands."""
    return StudentModel.model_validate(student_object(book, row))


def statistics_model(found: Statistics) -> StatisticsModel:
    """Return the resource that shows how a class stands."""
    progress = found.progress
    return StatisticsModel(
        students=found.students,
        submitted=found.submitted,
        passed=progress[Progress.PASSED],
        not_passed=progress[Progress.NOT_PASSED],
        no_score=progress[Progress.NO_SCORE] + progress[Progress.WAITING],
        nothing=progress[Progress.NOTHING],
        submissions=found.submissions,
        waiting=found.waiting,
        failed=found.failed,
        stale=found.stale,
        mean=found.mean,
        median=found.median,
        max_score=found.max_score,
        histogram=[
            BarModel(low=bar.low, high=bar.high, students=bar.students) for bar in found.bars
        ],
        cases=[_case_model(case) for case in found.cases],
        activity=[
            SpellModel(since=spell.since, submissions=spell.submissions) for spell in found.activity
        ],
        queue=QueueModel(
            waiting=found.queue.waiting, running=found.queue.running, oldest=found.queue.oldest
        ),
    )


def _case_model(case: CaseStatistics) -> CaseStatisticsModel:
    return CaseStatisticsModel(
        name=case.name,
        file=case.file,
        max_points=case.max_points,
        students=case.students,
        accepted=case.accepted,
        rate=round(case.rate, 6),
        mistakes=[
            MistakeModel(
                key=mistake.key,
                message=printable(mistake.message, _MESSAGE),
                students=mistake.students,
            )
            for mistake in case.mistakes
        ],
    )

"""A student's files at one attempt, and how far their grading is."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from grader.domain.assignments import Assignment
from grader.domain.runs import RunStatus
from grader.domain.verdicts import CaseResult, Score, Visibility, score

VISIBLE_NOW = frozenset({Visibility.VISIBLE})


@dataclass(frozen=True)
class SubmittedFile:
    """A stored file; its content is found by `sha256`."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class Run:
    """A run as it stands, without cases until graded; `error` tells staff why it failed."""

    id: int
    number: int
    trigger: str
    status: RunStatus
    suite_version: str
    seed: int
    tries: int
    seconds: float | None = None
    error: str = ""
    notes: tuple[str, ...] = ()
    cases: tuple[CaseResult, ...] = ()


@dataclass(frozen=True)
class PastRun:
    """A run among all of a submission. `speaks`: its score is the submission's."""

    run: Run
    queued_at: datetime
    finished_at: datetime | None
    speaks: bool

    @property
    def score(self) -> Score | None:
        """The score over all its cases, once graded."""
        return score(self.run.cases) if self.run.status is RunStatus.GRADED else None


@dataclass(frozen=True)
class Submission:
    """Files handed in once, with the run that speaks for them."""

    id: int
    course: str
    assignment: str
    student: str
    attempt: int
    late: bool
    created_at: datetime
    warnings: tuple[str, ...]
    files: tuple[SubmittedFile, ...]
    run: Run

    @property
    def score(self) -> Score | None:
        """The score over the cases shown, once graded."""
        return score(self.run.cases) if self.run.status is RunStatus.GRADED else None


@dataclass(frozen=True)
class SubmissionView:
    """A submission as one reader may see it. `withheld`: some cases are not for this reader yet.

    `counting` is the number of the student's attempt that counts, None before one is graded.
    """

    submission: Submission
    counting: int | None
    pass_mark: float
    for_staff: bool
    withheld: bool = False

    @property
    def counts(self) -> bool:
        """Whether this is the attempt that counts."""
        return self.counting == self.submission.attempt

    @property
    def passed(self) -> bool | None:
        """Whether the pass mark is reached; unknown until all cases are graded and shown."""
        reached = self.submission.score
        return None if reached is None or self.withheld else reached.passes(self.pass_mark)


def shown_to_student(assignment: Assignment, now: datetime) -> Set[Visibility]:
    """Return the visibilities that a student may see at `now`."""
    if assignment.due is not None and now > assignment.due:
        return VISIBLE_NOW | {Visibility.AFTER_DUE_DATE}
    return VISIBLE_NOW


def withhold(submission: Submission, shown: Set[Visibility]) -> tuple[Submission, bool]:
    """Return `submission` without a trace of the cases not in `shown`; whether there were any."""
    run = submission.run
    cases = tuple(case for case in run.cases if case.visibility in shown)
    if len(cases) == len(run.cases):
        return submission, False
    notes = tuple(note for case in cases for note in case.notes)
    seconds = round(sum(case.seconds for case in cases), 6)
    return replace(submission, run=replace(run, cases=cases, notes=notes, seconds=seconds)), True


def content_hashes(submission: Submission) -> Mapping[str, str]:
    """Return name → SHA-256 of the files, by which two uploads are known to be the same."""
    return {file.name: file.sha256 for file in submission.files}

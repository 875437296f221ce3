"""What the API answers about reruns, and what it takes to begin one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.domain.rerun_changes import Change, Outcome
from grader.domain.reruns import Mode, Only, Rerun, RerunState, Scope, Wanted
from grader.domain.verdicts import Verdict
from grader.grading.formats.reruns import change_object, rerun_object
from grader.web.parameters import LARGEST_ID
from grader.workflow.rerun_changes import Proposal

_MOST_CASES, _MOST_CHOSEN = 200, 10_000
_Case = Annotated[str, Field(min_length=1, max_length=200)]
_Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class SubmissionRerunRequest(BaseModel):
    """How to grade one submission again; no cases means all."""

    model_config = ConfigDict(extra="forbid")

    cases: list[_Case] = Field(default=[], max_length=_MOST_CASES)
    mode: Mode = Mode.PROPOSE

    def wanted(self) -> Wanted:
        """Return it as a value."""
        return Wanted(cases=tuple(dict.fromkeys(self.cases)), mode=self.mode)


class RerunRequest(SubmissionRerunRequest):
    """What to grade again: of those that `scope` means, a student's or the chosen ones."""

    scope: Scope = Scope.ALL
    student: str | None = Field(default=None, max_length=100)
    submissions: list[_Id] = Field(default=[], max_length=_MOST_CHOSEN)

    def wanted(self) -> Wanted:
        """Return it as a value."""
        return Wanted(
            scope=self.scope,
            student=self.student,
            submissions=tuple(sorted(set(self.submissions))),
            cases=tuple(dict.fromkeys(self.cases)),
            mode=self.mode,
        )


class ApplyRequest(BaseModel):
    """Which changes to apply."""

    model_config = ConfigDict(extra="forbid")

    only: Only = Only.ALL


class ProgressModel(BaseModel):
    """How many runs have ended, and in how many seconds the rest is expected to."""

    total: int
    ended: int
    graded: int
    failed: int
    running: int
    expected_seconds: float | None


class TotalsModel(BaseModel):
    """What changes, in numbers: of submissions, then of students by the score that counts."""

    changed: int
    failed: int
    superseded: int
    applied: int
    kept: int
    undone: int
    newer_attempts: int
    students: int
    gain: int
    lose: int
    newly_passing: int
    newly_failing: int
    mean_before: float | None
    mean_after: float | None


class RerunModel(BaseModel):
    """A rerun; in lists and events without totals."""

    id: int
    course: str
    assignment: str
    state: RerunState
    mode: Mode
    scope: Scope
    student: str | None
    submissions: list[int]
    cases: list[str]
    suite_version: str
    started_by: str
    created_at: datetime
    ended_at: datetime | None
    applied_only: Only | None
    progress: ProgressModel
    totals: TotalsModel | None


class RerunList(BaseModel):
    """A page of reruns; `next` is the cursor of the page after it."""

    items: list[RerunModel]
    next: str | None


class RunScoreModel(BaseModel):
    """A run in short; no score where it is not graded."""

    run: int
    suite_version: str
    score: float | None
    max_score: float | None


class CaseOutcomeModel(BaseModel):
    """What a case came to in one of the two runs."""

    verdict: Verdict
    points: float
    max_points: float
    message: str


class CaseChangeModel(BaseModel):
    """A case that comes out otherwise; null where that run does not have it."""

    name: str
    before: CaseOutcomeModel | None
    after: CaseOutcomeModel | None


class CountedModel(BaseModel):
    """A student's score that counts, and whether it crosses the pass mark."""

    before: float | None
    after: float | None
    crosses: Literal["up", "down"] | None


class ChangeModel(BaseModel):
    """A submission of a rerun, before and after."""

    submission: int
    student: str
    attempt: int
    status: Literal["queued", "running", "cancelled", "failed", "changed", "unchanged"]
    superseded: bool
    outcome: Outcome | None
    error: str | None
    before: RunScoreModel
    after: RunScoreModel
    counted: CountedModel
    cases: list[CaseChangeModel]


class ChangeList(BaseModel):
    """A page of changes; `next` is the cursor of the page after it."""

    items: list[ChangeModel]
    next: str | None


class AuditModel(BaseModel):
    """Who did what, and when."""

    id: int
    at: datetime
    who: str
    course: str
    action: str
    subject: str
    details: dict[str, Any]


class AuditList(BaseModel):
    """A page of the record; `next` is the cursor of the page after it."""

    items: list[AuditModel]
    next: str | None


def rerun_model(rerun: Rerun) -> RerunModel:
    """Return the resource that shows a rerun."""
    return RerunModel(**rerun_object(rerun))


def proposal_model(proposal: Proposal) -> RerunModel:
    """Return the resource that shows a rerun and what it changes, in numbers."""
    return RerunModel(**rerun_object(proposal.rerun, proposal.totals))


def change_model(change: Change) -> ChangeModel:
    """Return the resource that shows a submission of a rerun."""
    return ChangeModel(**change_object(change))

"""One grading of a submission by a suite version."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grader.domain.assignments import Assignment
from grader.domain.verdicts import CaseResult, Score, score


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    FAILED = "failed"  # ours, after the last try; no score
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class SuiteFolder:
    """An assignment's folder as it stands, with the hash of what grades: its suite version."""

    path: Path
    assignment: Assignment
    version: str


@dataclass(frozen=True)
class RunRequest:
    """What a slot needs to grade once.

    `files` maps upload names to bytes; no `cases` means all of them.
    """

    suite: SuiteFolder
    files: Mapping[str, bytes]
    seed: int
    cases: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunResult:
    """A graded run. `seconds` is wall time from the request to the last verdict."""

    suite_version: str
    seed: int
    cases: tuple[CaseResult, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def score(self) -> Score:
        """The sum over the cases of this run."""
        return score(self.cases)

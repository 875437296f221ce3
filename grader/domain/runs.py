"""One grading of a submission by a suite version."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grader.domain.assignments import Assignment
from grader.domain.verdicts import CaseResult, Score, score

_SEED_BITS = 53  # too many to try, and JavaScript can say them


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    FAILED = "failed"  # ours, after the last try; no score
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Return whether nothing more comes of a run that stands there."""
        return self not in (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True)
class SuiteFolder:
    """An assignment's folder as it stands, with the hash of what grades: its suite version."""

    path: Path
    assignment: Assignment
    version: str


@dataclass(frozen=True)
class RunRequest:
    """What a slot needs to grade once.

    `files` maps the names of files to their bytes; no `cases` means all of them.
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


def new_seed() -> int:
    """Return a seed that nobody can guess, to draw the inputs of a run from."""
    return secrets.randbits(_SEED_BITS)

"""What a supervisor counts: runs and how long they took, by no student's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.domain.runs import RunStatus

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)  # wall time of a run, up to


@dataclass(frozen=True)
class Traffic:
    """Runs as the database has them, whichever process graded them.

    `within` counts the graded runs that took at most as many seconds as the key says.
    """

    by_status: Mapping[RunStatus, int]
    oldest_queued: datetime | None
    tries: int
    failures: int  # tries that failed by our own fault
    within: Mapping[float, int]
    graded: int
    seconds: float

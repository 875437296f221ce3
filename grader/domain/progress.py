"""How far a run is, told before there is a result."""

from dataclasses import dataclass

from grader.domain.runs import RunStatus


@dataclass(frozen=True)
class QueuePlace:
    """Where a queued run waits: behind `ahead` of the `waiting` runs.

    `expected_seconds` is until it is graded, by what runs took lately; None where nobody grades.
    """

    ahead: int
    waiting: int
    expected_seconds: float | None


@dataclass(frozen=True)
class Standing:
    """How a run stands; `place` while it is queued."""

    status: RunStatus
    tries: int
    place: QueuePlace | None = None

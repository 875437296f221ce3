"""Processes that grade, as others know them."""

from dataclasses import dataclass
from datetime import datetime

# Without one of these nothing is graded; the others only harden, and may be missing.
MUST_LAYERS = ("rlimits", "no_new_privs", "Landlock", "seccomp", "no capabilities")
FURTHER_LAYERS = ("namespaces", "process namespace", "empty root", "own user")


@dataclass(frozen=True)
class Worker:
    """A process with slots, as it last said of itself.

    `missing` are the layers of its sandbox that only harden it; `trouble` is why a slot of it
    grades nothing.
    """

    name: str
    host: str
    slots: int
    started_at: datetime
    seen_at: datetime
    missing: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def layers(self) -> tuple[tuple[str, bool], ...]:
        """Return each layer of its sandbox, and whether it is there."""
        further = tuple((name, name not in self.missing) for name in FURTHER_LAYERS)
        others = tuple((name, False) for name in self.missing if name not in FURTHER_LAYERS)
        return (*((name, True) for name in MUST_LAYERS), *further, *others)


@dataclass(frozen=True)
class RunAtWork:
    """A run that a slot is at, held under the name `owner`, and since when."""

    owner: str
    started_at: datetime
    submission_id: int
    number: int
    trigger: str
    course: str
    assignment: str
    student: str


@dataclass(frozen=True)
class FailedRun:
    """A submission without a score by our fault, and what staff are told of it."""

    submission_id: int
    course: str
    assignment: str
    student: str
    attempt: int
    tries: int
    error: str
    failed_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """How many runs wait, and since when the one that waits longest."""

    runs: int
    since: datetime | None


@dataclass(frozen=True)
class WorkerNow:
    """A worker and what its slots are at; not `live`: lost, or cut off from the database."""

    worker: Worker
    live: bool
    at_work: tuple[RunAtWork, ...]

    @property
    def idle(self) -> int:
        """Return how many of its slots wait for work."""
        return max(0, self.worker.slots - len(self.at_work)) if self.live else 0


@dataclass(frozen=True)
class Workshop:
    """All who grade, what waits for them, and the last runs that failed of `failures` in all."""

    workers: tuple[WorkerNow, ...]
    waiting: Waiting
    failed: tuple[FailedRun, ...]
    failures: int

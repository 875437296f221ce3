"""One run of a submission: its children, its import failures and its notes."""

import hashlib
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.sandbox.budget import Budget
from grader.sandbox.conversation import Conversation
from grader.sandbox.lease import Lease
from grader.suite.outcomes import StudentError
from grader.suite.plan import Plan
from grader.suite.stand_in import Outside

_CPU_MARGIN = 5  # seconds that the kernel's own limit lies behind ours
_SETUP_WALL_SECONDS = 60.0

Loans = dict[str, set[str]]
"""Case -> names of the functions that a submission was lent for it."""


@dataclass(frozen=True)
class CaseSpec:
    """What a suite's marker says of a case."""

    name: str
    file: str
    points: float
    visible: bool
    seconds: float


def derived_seed(seed: int, case: str, purpose: str) -> int:
    """Return 64 bits for one purpose of one case, which betray neither `seed` nor any other."""
    digest = hashlib.sha256(f"{seed}\0{case}\0{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


@dataclass
class Account:
    """What the cases of one kind may still use of a run: CPU seconds, and a moment on the clock."""

    cpu_left: float
    deadline: float


@dataclass
class Session:
    """What the cases of one run share.

    `usual_loans` says what each case lends when all is right: a child that was lent more than that
    is not kept for the case, since it may remember the answers. Hidden cases have an account of
    their own: from what a visible one has left, a student could read what a hidden one used.
    """

    lease: Lease
    plan: Plan
    files: Mapping[str, bytes]
    seed: int
    usual_loans: Mapping[str, set[str]] = field(default_factory=dict)
    loans: Loans = field(default_factory=dict)
    lost_files: set[str] = field(default_factory=set)  # by visible cases
    hidden_losses: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    import_failures: dict[str, StudentError] = field(default_factory=dict)
    running: Conversation | None = None
    _account: Account = field(init=False)  # of the running case
    _other: Account = field(init=False)
    _visible: bool = True  # whether the running case is
    _begun: float = 0.0
    _lent: set[str] = field(default_factory=set)  # to the running child
    _numbers: int = 0

    def __post_init__(self) -> None:
        """Fill the budget of the run."""
        limits = self.plan.assignment.limits
        deadline = time.monotonic() + limits.run_seconds * limits.wall_factor
        self._account = Account(limits.run_seconds, deadline)
        self._other = Account(limits.run_seconds, deadline)

    def number(self) -> int:
        """Return a number for a function or class, never given twice in a run."""
        self._numbers += 1
        return self._numbers

    def note(self, text: str) -> None:
        """Add a note to the run, once."""
        if text not in self.notes:
            self.notes.append(text)

    def begin(self, spec: CaseSpec) -> float:
        """Make the running child fit for a case; return the CPU seconds that the case may use."""
        self.loans[spec.name] = set()
        if spec.visible is not self._visible:
            self._account, self._other = self._other, self._account
            self._visible = spec.visible
        self._begun = time.monotonic()
        if not spec.visible or not self._lent <= self.usual_loans.get(spec.name, set()):
            self.retire()
        if self._wall_left() <= 0:
            return 0.0
        return min(spec.seconds, max(self._account.cpu_left, 0.0))

    def spend(self, cpu_seconds: float) -> None:
        """Take what the running case used from its account."""
        self._account.cpu_left -= cpu_seconds

    def end(self) -> None:
        """End the running case; the clock stood still for cases of the other kind."""
        self._other.deadline += time.monotonic() - self._begun

    def budget(self, cpu_seconds: float, wall_seconds: float) -> Budget:
        """Return a budget of so much, or of what wall time the run has left of its own."""
        return Budget(cpu_seconds, min(wall_seconds, self._wall_left()), self._account.deadline)

    def child(self) -> tuple[Conversation, bool]:
        """Return the running child, or a fresh one and True."""
        if self.running is not None and self.running.open:
            return self.running, False
        assignment = self.plan.assignment
        limits = assignment.limits
        cpu = limits.run_seconds + limits.import_seconds * len(assignment.files) + _CPU_MARGIN
        self.running = Conversation(self.lease, limits.memory_bytes, int(cpu))
        message, buffers = self.plan.setup(self.files)
        budget = self.budget(limits.import_seconds, _SETUP_WALL_SECONDS)
        self.running.tell(message, buffers, budget)
        return self.running, True

    def lend(self, case: str, function: Outside | Callable[..., Any]) -> int:
        """Note that the running child is lent a function; return the function's number."""
        number = self.number()
        name = _name_of(function, number)
        self.loans[case].add(name)
        self._lent.add(name)
        return number

    def retire(self) -> None:
        """End the running child; the next question gets a fresh one."""
        if self.running is not None:
            self.running.close()
            self.running = None
        self._lent.clear()

    def close(self) -> None:
        """End all children."""
        self.retire()
        self.lease.close()

    def _wall_left(self) -> float:
        return max(0.0, self._account.deadline - time.monotonic())


def _name_of(function: Outside | Callable[..., Any], number: int) -> str:
    """Name a function for comparison: a module's own by its name, any other like none else."""
    plain = function.function if isinstance(function, Outside) else function
    module, name = getattr(plain, "__module__", ""), getattr(plain, "__qualname__", "")
    if getattr(sys.modules.get(module), name, None) is plain:
        return f"{module}.{name}"
    return f"#{number}"

"""A suite host whose judges clock what they do, and tell it in a last note of each run.

Each phase is counted without those that it contains, so they add up to the judge's time.
"""

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from grader.sandbox.conversation import Conversation
from grader.sandbox.inside import frames
from grader.sandbox.lease import Lease
from grader.suite import host, running
from grader.suite.judge import Turn
from grader.suite.judging import Judging
from grader.suite.orders import Channel, Done
from grader.suite.session import Session

NOTE = "phases of this run: "


class Clock:
    """Milliseconds, times and the submission's CPU milliseconds of each phase."""

    def __init__(self) -> None:
        self.phases: dict[str, list[float]] = {}
        self._inner = [0.0]

    def spend(self, phase: str, action: Callable[[], Any]) -> Any:
        """Do something and count it to a phase."""
        self._inner.append(0.0)
        started = time.perf_counter()
        try:
            return action()
        finally:
            taken = time.perf_counter() - started
            self.count(phase, 0, taken - self._inner.pop())
            self._inner[-1] += taken

    def count(self, phase: str, at: int, seconds: float) -> None:
        """Add to one of a phase's figures; to its time, once more."""
        figures = self.phases.setdefault(phase, [0.0, 0, 0.0])
        figures[at] += seconds * 1000
        figures[1] += at == 0


clock = Clock()


def timed(owner: Any, name: str, phase: str) -> None:
    """Have a function or method clocked."""
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(*args: Any, **kwargs: Any) -> Any:
        return clock.spend(phase, lambda: inner(*args, **kwargs))

    setattr(owner, name, outer)


def _phase_of(request: frames.Request) -> str:
    if isinstance(request, frames.Call):
        return "training" if request.path[-1:] == ["train"] else "calls"
    known = {"Import": "imports", "End": "ends of cases, which bring what was printed"}
    return known.get(type(request).__name__, "attributes read and set")


def _timed_asking() -> None:
    inner = Conversation.ask

    def ask(self: Conversation, make: Any, *rest: Any) -> Any:
        phase, before = _phase_of(make(0)), self._mark
        answer = clock.spend(phase, lambda: inner(self, make, *rest))
        clock.count(phase, 2, self._mark - before)
        return answer

    setattr(Conversation, "ask", ask)  # noqa: B010  (types would need its whole signature)


def _telling() -> None:
    inner = Judging.judge

    def judge(self: Judging, *args: Any) -> Any:
        clock.phases.clear()
        done = clock.spend("rest of the judge", lambda: inner(self, *args))
        return Done((*done.notes, NOTE + json.dumps(clock.phases)))

    setattr(Judging, "judge", judge)  # noqa: B010


def main() -> None:
    """Serve as a host does, clocked."""
    timed(Lease, "take", "children taken")
    timed(Conversation, "tell", "set-ups and other messages without answer")
    timed(Conversation, "_call_outside", "stand-ins, outside")
    timed(Session, "close", "the end of children and lease")
    timed(Channel, "send", "results sent")
    timed(Turn, "run", "the suite's own code and comparisons")
    timed(running, "run", "pytest and fixtures")
    _timed_asking()
    _telling()
    host.main()


if __name__ == "__main__":
    main()

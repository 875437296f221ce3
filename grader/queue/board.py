"""Where threads of one process tell each other that a run was queued, goes on or has ended."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from grader.domain.verdicts import CaseResult

_MOST_WAKENED = 64  # busy slots claim without being woken; what they left would wake them in vain


@dataclass(frozen=True, eq=False)
class _Follower:
    wake: Callable[[], None]
    each_case: bool


@dataclass
class _Try:
    number: int
    cases: list[CaseResult] = field(default_factory=list)


class Board:
    """Wakes slots, and whoever follows a run; the database stays the only truth."""

    def __init__(self) -> None:
        self._work = threading.Condition()
        self._waiting_runs = 0
        # A signal closes the board, perhaps while this thread holds it.
        self._lock = threading.RLock()
        self._followers: defaultdict[int, list[_Follower]] = defaultdict(list)
        self._watchers: list[Callable[[], None]] = []
        self._tries: dict[int, _Try] = {}
        self.closed = False
        self.slots = 0  # of this process

    @property
    def busy(self) -> int:
        """Return how many runs the slots of this process are at."""
        return len(self._tries)

    def queued(self) -> None:
        """Wake one slot."""
        with self._work:
            self._waiting_runs = min(self._waiting_runs + 1, _MOST_WAKENED)
            self._work.notify()
        with self._lock:
            self._wake_watchers()

    def wait_for_work(self, seconds: float) -> bool:
        """Wait until a run is queued, or `seconds` passed: some are queued unheard."""
        with self._work:
            woken = bool(self._work.wait_for(lambda: self._waiting_runs, seconds))
            self._waiting_runs -= woken
        return woken

    def changed(self, run_id: int) -> None:
        """Tell that a try began or is over, perhaps in another process."""
        with self._lock:
            self._wake(run_id)

    def missed_news(self) -> None:
        """Tell that others could not be heard for a while: everybody looks again."""
        self.queued()
        with self._lock:
            for run_id in self._followers:
                self._wake(run_id)

    def begun(self, run_id: int, try_number: int) -> None:
        """Tell that a try at a run begins; what earlier ones judged is forgotten."""
        with self._lock:
            self._tries[run_id] = _Try(try_number)
            self._wake(run_id)

    def judged(self, run_id: int, try_number: int, case: CaseResult) -> None:
        """Tell that a try judged a case; a try that was lost meanwhile is not heard."""
        with self._lock:
            current = self._tries.get(run_id)
            if current is not None and current.number == try_number:
                current.cases.append(case)
                self._wake(run_id, by_case=True)

    def ended(self, run_id: int, try_number: int) -> None:
        """Tell that a try is over, whatever it came to."""
        with self._lock:
            current = self._tries.get(run_id)
            if current is not None and current.number == try_number:
                del self._tries[run_id]
            self._wake(run_id)

    def cases(self, run_id: int, try_number: int) -> tuple[CaseResult, ...]:
        """Return what a try under way in this process has judged so far."""
        with self._lock:
            current = self._tries.get(run_id)
            if current is None or current.number != try_number:
                return ()
            return tuple(current.cases)

    def is_at(self, run_id: int) -> bool:
        """Return whether a try at a run is under way in this process, which tells of its end."""
        return run_id in self._tries

    def followed(self) -> list[int]:
        """Return the runs that somebody follows."""
        with self._lock:
            return list(self._followers)

    @contextmanager
    def following(
        self, run_id: int, wake: Callable[[], None], *, each_case: bool = False
    ) -> Iterator[None]:
        """Call `wake` when a try begins or is over: follow first, then read how the run stands."""
        follower = _Follower(wake, each_case)
        with self._lock:
            self._followers[run_id].append(follower)
            if self.closed:
                wake()
        try:
            yield
        finally:
            with self._lock:
                self._followers[run_id].remove(follower)
                if not self._followers[run_id]:
                    del self._followers[run_id]

    @contextmanager
    def watching(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call `wake` when any run is queued, begun or over: watch first, then read how all stand.

        It is called while the board is held: it only notes that there is something to look at.
        """
        with self._lock:
            self._watchers.append(wake)
            if self.closed:
                wake()
        try:
            yield
        finally:
            with self._lock:
                self._watchers.remove(wake)

    def close(self) -> None:
        """Wake all who follow a run or watch all, now and from now on."""
        with self._lock:
            self.closed = True
            self._wake_watchers()
            for run_id in self._followers:
                self._wake(run_id)

    def _wake_watchers(self) -> None:
        for wake in self._watchers:
            wake()

    def _wake(self, run_id: int, *, by_case: bool = False) -> None:
        if not by_case:
            self._wake_watchers()
        for follower in self._followers.get(run_id, ()):
            if follower.each_case or not by_case:
                follower.wake()

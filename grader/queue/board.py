"""Where threads of one process tell each other that a run was queued or has ended."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Board:
    """Wakes slots, and whoever watches a run; the database stays the only truth."""

    def __init__(self) -> None:
        self._work = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._watchers: defaultdict[int, list[threading.Event]] = defaultdict(list)
        self.closed = False

    def queued(self) -> None:
        """Wake one slot."""
        self._work.release()

    def wait_for_work(self, seconds: float) -> None:
        """Wait until a run is queued here, or `seconds` passed: others may queue runs unheard."""
        self._work.acquire(timeout=seconds)

    def ended(self, run_id: int) -> None:
        """Wake all who watch a run."""
        with self._lock:
            for watcher in self._watchers.get(run_id, ()):
                watcher.set()

    @contextmanager
    def watching(self, run_id: int) -> Iterator[threading.Event]:
        """Give an event that is set when a run ends; watch first, then read how it stands."""
        watcher = threading.Event()
        with self._lock:
            self._watchers[run_id].append(watcher)
            if self.closed:
                watcher.set()
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers[run_id].remove(watcher)
                if not self._watchers[run_id]:
                    del self._watchers[run_id]

    def close(self) -> None:
        """Wake all who watch, now and from now on."""
        with self._lock:
            self.closed = True
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.set()

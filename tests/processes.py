"""Looking at processes of this machine, and waiting until they are as they should be."""

import contextlib
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_PATIENCE = 20.0
_TICK = threading.Event()


def wait_for(look: Callable[[], T], what: str, patience: float = _PATIENCE) -> T:
    """Look again and again until there is something; fail where `what` never comes in seconds.

    Raises:
        TimeoutError: it did not come.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        _TICK.wait(0.002)
    raise TimeoutError(f"in {patience:g} s never saw {what}")


def children_of(parent: int) -> list[int]:
    """Return the process ids of the direct children of a process, zombies among them."""
    return [pid for pid, above, _state in _processes() if above == parent]


def descendants_of(parent: int) -> set[int]:
    """Return the process ids of all below a process, zombies among them."""
    below: defaultdict[int, list[int]] = defaultdict(list)
    for pid, above, _state in _processes():
        below[above].append(pid)
    found: set[int] = set()
    unseen = [parent]
    while unseen:
        children = below[unseen.pop()]
        found.update(children)
        unseen += children
    return found


def alive(pid: int) -> bool:
    """Return whether there is such a process, or what is left of one."""
    return Path(f"/proc/{pid}").exists()


def is_stopped(pid: int) -> bool:
    """Return whether a process was stopped by a signal, and runs no further."""
    return any(process == pid and state == "T" for process, _above, state in _processes())


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process used so far, 0 where there is none."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _processes() -> list[tuple[int, int, str]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found.append((int(entry.name), int(fields[1]), fields[0]))
    return found

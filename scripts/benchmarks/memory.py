"""Memory that only one process holds, read from /proc."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

_SAMPLE_SECONDS = 0.05


def peaks_during(action: Callable[[], object], parents: Mapping[str, int]) -> dict[str, int]:
    """Return the peak private bytes, while `action` runs, of the busiest child of each parent."""
    peaks = dict.fromkeys(parents, 0)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_SAMPLE_SECONDS):
            for name, parent in parents.items():
                peaks[name] = max(peaks[name], private_bytes(_busiest_child(parent)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        action()
    finally:
        done.set()
        watcher.join()
    return peaks


def private_bytes(pid: int) -> int:
    """Return the memory that only this process holds."""
    total = 0
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Private_Clean", "Private_Dirty")):
                total += int(line.split()[1]) << 10
    return total


def _busiest_child(parent: int) -> int:
    """Return the child process of `parent` that used most CPU, 0 where there is none."""
    best, most = 0, -1
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and int(fields[11]) + int(fields[12]) > most:
                best, most = int(entry.name), int(fields[11]) + int(fields[12])
    return best

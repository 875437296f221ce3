"""Figures of one run and the table that shows them."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_PAUSE_SECONDS = 0.03


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, its figures, and the goal it is held against."""

    what: str
    figures: str
    goal: str = ""
    met: bool | None = None


def seconds_of(action: Callable[[], object]) -> float:
    """Return the wall seconds that `action` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def interleaved(
    actions: Mapping[str, Callable[[], object]], repeats: int, warm_ups: int = 3
) -> dict[str, list[float]]:
    """Time each action in turn, so that what else the machine does falls on all alike.

    Before each there is a pause, so that what one leaves to be done, such as the forks for the next
    run, is not counted to another.

    Returns:
        Milliseconds of each repeat, by the action's name.
    """
    times: dict[str, list[float]] = {name: [] for name in actions}
    for repeat in range(repeats + warm_ups):
        for name, action in actions.items():
            time.sleep(_PAUSE_SECONDS)
            taken = seconds_of(action) * 1000
            if repeat >= warm_ups:
                times[name].append(taken)
    return times


def spread(milliseconds: Sequence[float]) -> str:
    """Say the median and the range of times."""
    low, high = min(milliseconds), max(milliseconds)
    return f"{statistics.median(milliseconds):.1f} ms ({low:.1f} to {high:.1f})"


def show(rows: Sequence[Row]) -> None:
    """Print rows as a table."""
    cells = [("what", "measured", "goal", "")]
    verdicts = {None: "", True: "met", False: "MISSED"}
    cells += [(row.what, row.figures, row.goal, verdicts[row.met]) for row in rows]
    widths = [max(len(cell[column]) for cell in cells) for column in range(3)]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=False))
        print("  ".join([*padded, line[3]]).rstrip())

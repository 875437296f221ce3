"""Which cases run, and in which order: as written, but behind those whose verdicts they need."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from grader.suite.judge import CaseMark

Item = TypeVar("Item")


def in_order(items: Sequence[Item], mark: Callable[[Item], CaseMark]) -> list[Item]:
    """Return `items` with those that have `after` last, otherwise as they stand."""
    return [item for item in items if not mark(item).after] + [
        item for item in items if mark(item).after
    ]


def needed(
    items: Sequence[Item], mark: Callable[[Item], CaseMark], names: Iterable[str]
) -> list[Item]:
    """Return the items that must run to report `names`: these, and all whose verdicts they need."""
    wanted = set(names)
    chosen = [item for item in items if mark(item).name in wanted]
    files = {file for item in chosen for file in mark(item).after}
    return [
        item
        for item in items
        if item in chosen or (mark(item).file in files and not mark(item).after)
    ]

"""Many values in a statement, in parts that every database takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

_AT_ONCE = 5000  # parameters of one statement; SQLite takes 32766, PostgreSQL 65535

Item = TypeVar("Item")


def in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield all items, as many together as one statement may name."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]

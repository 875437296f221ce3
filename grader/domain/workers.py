"""Processes that grade, as others know them."""

from dataclasses import dataclass
from datetime import datetime


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

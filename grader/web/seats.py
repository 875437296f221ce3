"""Room for what is asked at once: beyond it one is told to come again, and nothing is begun."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Room:
    """How much there is in all, and for one person; of bytes or of whatever is counted."""

    most: int
    most_of_one: int
    _taken: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, person: int, size: int = 1) -> "Seat":
        """Give a seat of some size.

        Raises:
            NoRoomForOne: this person has as much as one may have.
            NoRoom: there is none left.
        """
        with self._lock:
            if self._taken[person] + size > self.most_of_one:
                raise NoRoomForOne
            if self._taken.total() + size > self.most:
                raise NoRoom
            self._taken[person] += size
        return Seat(self, person, size)

    def _leave(self, person: int, size: int) -> None:
        with self._lock:
            self._taken[person] -= size
            if not self._taken[person]:
                del self._taken[person]


@dataclass
class Seat:
    """A place taken, until it is left; leaving it again does nothing."""

    room: Room
    person: int
    size: int

    def leave(self) -> None:
        """Make room."""
        size, self.size = self.size, 0
        self.room._leave(self.person, size)


class NoRoom(Exception):
    """Nobody finds room."""


class NoRoomForOne(Exception):
    """This person finds none."""

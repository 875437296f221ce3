"""How long a child may take: CPU decides, and the wall clock ends only who sleeps."""

import math
from dataclasses import dataclass

_BUSY_SHARE = 0.05  # of a core: a child that uses so much between two looks is only crowded
_CROWDED = 4  # times its wall clock are the most that a crowded machine excuses


@dataclass
class Budget:
    """CPU and wall seconds that are left to what is being asked, in one question or several.

    A crowded machine excuses a debt of wall seconds, until the monotonic time `latest`.
    """

    cpu_seconds: float
    wall_seconds: float
    latest: float = math.inf

    def __post_init__(self) -> None:
        """Note how large a debt may grow."""
        self.most_debt = (_CROWDED - 1) * self.wall_seconds


@dataclass(frozen=True)
class Progress:
    """What a child has done of a request at a moment past its wall clock."""

    moment: float
    cpu_seconds: float
    calls: int

    def goes_on(self, earlier: "Progress") -> bool:
        """Whether more has been done since, if only as fast as a crowded machine lets it."""
        used = self.cpu_seconds - earlier.cpu_seconds
        share = used / (self.moment - earlier.moment)
        return self.calls > earlier.calls or share >= _BUSY_SHARE

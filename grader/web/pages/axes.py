"""Axes of a picture: from numbers to places, with round ticks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_DIGITS = 9  # what rounding leaves of 0.1 + 0.2


@dataclass(frozen=True)
class Tick:
    """A mark on an axis, and what is written there."""

    place: float
    label: str


@dataclass(frozen=True)
class Axis:
    """Numbers from `low` to `high`, drawn from `start` to `end` (units of the picture)."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value is drawn."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, about: int) -> tuple[Tick, ...]:
        """Return about so many ticks, at round values."""
        step = _round_step((self.high - self.low) / about)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        values = [round(number * step, _DIGITS) + 0.0 for number in range(first, last + 1)]
        return tuple(Tick(self.place(value), f"{value:g}") for value in values)


def axis_over(values: Iterable[float], start: float, end: float, margin: float = 0.0) -> Axis:
    """Return the axis on which all `values` find a place, a share of `margin` free at its ends."""
    found = list(values)
    low, high = min(found), max(found)
    free = (high - low) * margin or (abs(low) * 0.1 or 1.0) * (low == high)
    return Axis(low - free, high + free, start, end)


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in _ROUND if times * power >= least * (1 - 1e-9))

"""`report`, as a suite has it: notes, partial points and what to plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.domain.text import printable
from grader.domain.verdicts import Marks, Series
from grader.errors import SuiteFailure

_NOTE = 500
_LABEL = 100
_SERIES = 8  # of one case
_VALUES = 300  # of one series: more than a picture on a page can tell apart
_DIGITS = 5  # that count: a picture shows fewer, and each is stored for each run
_DECIMALS = 300  # more overflow NumPy's rounding
_FARTHEST = 1e12  # from 0, so that no axis has to span what floats cannot subtract

Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True)
class Plot:
    """One picture of a case: lines and points over the same axes."""

    drawn: list[Series]
    title: str = ""
    x_label: str = ""
    y_label: str = ""

    def line(self, name: str, values: Numbers, x: Numbers | None = None) -> None:
        """Add a line through `values` at `x`, or at the numbers from 0."""
        self._add(name, values, x, Marks.LINE)

    def points(self, name: str, values: Numbers, x: Numbers) -> None:
        """Add a point for each of `values` at `x`."""
        self._add(name, values, x, Marks.POINTS)

    def _add(self, name: str, values: Numbers, x: Numbers | None, marks: Marks) -> None:
        """Keep what can be drawn: many values are thinned, and those not finite left out."""
        heights = np.asarray(values, dtype=float).reshape(-1)
        places = np.arange(heights.size) if x is None else np.asarray(x, dtype=float).reshape(-1)
        if places.size != heights.size:
            raise SuiteFailure(f"{name}: {places.size} places for {heights.size} values to plot")
        step = -(-heights.size // _VALUES) or 1
        pairs = np.column_stack((places[::step], heights[::step])).astype(float)
        pairs = pairs[(np.abs(pairs) <= _FARTHEST).all(axis=1)]  # false for NaN
        if not len(pairs) or len(self.drawn) >= _SERIES:
            return
        self.drawn.append(
            Series(
                name=printable(name, _LABEL),
                values=_rounded(pairs[:, 1]),
                x=_rounded(pairs[:, 0]),
                marks=marks,
                plot=printable(self.title, _LABEL),
                x_label=printable(self.x_label, _LABEL),
                y_label=printable(self.y_label, _LABEL),
            )
        )


class Report:
    """What a case says besides its verdict."""

    def __init__(self, max_points: float) -> None:
        self._max_points = max_points
        self.notes: list[str] = []
        self.partial: float | None = None
        self.drawn: list[Series] = []

    def note(self, text: str) -> None:
        """Add a note to the run."""
        self.notes.append(printable(text, _NOTE))

    def points(self, points: float) -> None:
        """Give partial points, whatever the verdict."""
        if not 0 <= points <= self._max_points:
            raise SuiteFailure(f"report.points({points}): give between 0 and {self._max_points:g}")
        self.partial = float(points)

    def plot(self, title: str, x_label: str = "", y_label: str = "") -> Plot:
        """Return a picture to draw lines and points into; whoever sees the case sees it."""
        return Plot(self.drawn, title, x_label, y_label)

    def series(self, name: str, values: Numbers) -> None:
        """Add a line to the picture without a title."""
        self.plot("").line(name, values)


def _rounded(numbers: NDArray[Any]) -> tuple[float, ...]:
    """Round to digits that count beside the largest number."""
    largest = float(np.abs(numbers).max())
    decimals = _DIGITS - 1 - floor(log10(largest)) if largest else 0
    return tuple(np.round(numbers, min(decimals, _DECIMALS)).tolist())

"""`report`, as a suite has it: notes, partial points and lines to plot."""

from collections.abc import Iterable

from grader.domain.text import printable
from grader.domain.verdicts import Series
from grader.errors import SuiteFailure

_NOTE = 500
_SERIES, _VALUES = 8, 2_000


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
            raise SuiteFailure(f"{points} points of {self._max_points}")
        self.partial = float(points)

    def series(self, name: str, values: Iterable[float]) -> None:
        """Add a line to plot; a long one is thinned."""
        kept = [float(value) for value in values]
        step = -(-len(kept) // _VALUES) or 1
        if len(self.drawn) < _SERIES:
            self.drawn.append(Series(printable(name, 100), tuple(kept[::step])))

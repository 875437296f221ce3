"""What became of a case, and what its points add up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from grader.errors import SuiteFailure


class Verdict(StrEnum):
    """What became of one case; members run from the mildest to the gravest."""

    ACCEPTED = "accepted"
    SKIPPED = "skipped"  # its file is missing
    WRONG_ANSWER = "wrong_answer"
    RUNTIME_ERROR = "runtime_error"
    OUTPUT_LIMIT = "output_limit"  # the answer was too large to send
    MEMORY_LIMIT = "memory_limit"
    TIME_LIMIT = "time_limit"
    INTERNAL_ERROR = "internal_error"  # ours, never the student's


class Visibility(StrEnum):
    """Who may see a case; the words are Gradescope's."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"


class Marks(StrEnum):
    """How the values of a series are drawn."""

    LINE = "line"
    POINTS = "points"


@dataclass(frozen=True)
class Series:
    """One line or cloud of points of a plot, as a case reported it, to be seen with its case.

    Series of a case with the same `plot`, a title, share one picture and its axes; `name` is for
    the legend. `values` are the heights and `x` where they stand, as many, or none: then they are
    counted from 0. All are finite and within `report`'s bounds.
    """

    name: str
    values: tuple[float, ...]
    x: tuple[float, ...] = ()
    marks: Marks = Marks.LINE
    plot: str = ""
    x_label: str = ""
    y_label: str = ""

    def __post_init__(self) -> None:
        """Hold the two to one length."""
        if self.x and len(self.x) != len(self.values):
            raise ValueError(f"{self.name}: {len(self.x)} places for {len(self.values)} values")

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Return what to draw, as pairs (x, y)."""
        x = self.x or tuple(map(float, range(len(self.values))))
        return tuple(zip(x, self.values, strict=True))


@dataclass(frozen=True)
class CaseResult:
    """What one case came to; `seconds` are CPU seconds of the submission."""

    name: str
    file: str
    points: float
    max_points: float
    verdict: Verdict
    message: str = ""
    hint: str = ""
    seconds: float = 0.0
    output: str = ""
    visibility: Visibility = Visibility.VISIBLE
    notes: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()


@dataclass(frozen=True)
class Score:
    """Points earned out of the points that the cases asked for could earn."""

    points: float
    max_points: float

    def passes(self, pass_mark: float) -> bool:
        """Whether the points reach `pass_mark`, on the same scale."""
        return self.points >= pass_mark


def score(results: Iterable[CaseResult]) -> Score:
    """Add up the points of `results`.

    Raises:
        SuiteFailure: a case ended in an internal error; a score that left it out would blame the
            student for it.
    """
    points = most = 0.0
    for result in results:
        if result.verdict is Verdict.INTERNAL_ERROR:
            raise SuiteFailure(f"{result.name} ended in an internal error: {result.message}")
        points += result.points
        most += result.max_points
    return Score(round(points, 6), round(most, 6))

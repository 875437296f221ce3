"""What became of a case, and what its points add up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Series:
    """A named line to plot, as a case reported it."""

    name: str
    values: tuple[float, ...]


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
    series: tuple[Series, ...] = field(default=())


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

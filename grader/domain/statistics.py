"""How a class stands at an assignment, in numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.domain.gradebook import Entry, Progress
from grader.domain.mistake_kinds import CommonMistake, common_mistakes

FULL_SCORE = 100.0
_BARS = 20


@dataclass(frozen=True)
class Bar:
    """How many counted scores lie from `low` up to below `high`; the last bar has `high` too."""

    low: float
    high: float
    students: int


@dataclass(frozen=True)
class Tally:
    """How many counted submissions came to this at a case; `message` where points were lost."""

    name: str
    file: str
    position: int
    max_points: float
    full: bool
    message: str
    students: int


@dataclass(frozen=True)
class CaseStatistics:
    """How a case went over the submissions that count, and what cost it, the commonest first."""

    name: str
    file: str
    max_points: float
    students: int
    accepted: int
    mistakes: tuple[CommonMistake, ...] = ()

    @property
    def rate(self) -> float:
        """Return the share that has all its points, from 0 to 1."""
        return self.accepted / self.students if self.students else 0.0


@dataclass(frozen=True)
class Queue:
    """What waits to be graded, since when, and what is being graded."""

    waiting: int = 0
    running: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class Spell:
    """How many submissions were made in the quarter of an hour from `since` on."""

    since: datetime
    submissions: int


@dataclass(frozen=True)
class Statistics:
    """How a class stands: students by progress, and submissions by state.

    Of equal `mark` all figures are equal.
    """

    progress: dict[Progress, int]
    submissions: int
    waiting: int
    failed: int
    stale: int  # submissions graded by another suite version than the released one
    max_score: float
    bars: tuple[Bar, ...]
    cases: tuple[CaseStatistics, ...]
    activity: tuple[Spell, ...]
    queue: Queue
    mark: str = ""
    mean: float | None = None
    median: float | None = None

    @property
    def students(self) -> int:
        """Return how many there are in the class."""
        return sum(self.progress.values())

    @property
    def submitted(self) -> int:
        """Return how many of them have handed in."""
        return self.students - self.progress[Progress.NOTHING]


def by_progress(entries: Iterable[Entry], pass_mark: float) -> dict[Progress, int]:
    """Count students by how far they are."""
    counted = Counter(entry.progress(pass_mark) for entry in entries)
    return {each: counted[each] for each in Progress}


def histogram(scores: Sequence[float], max_score: float) -> tuple[Bar, ...]:
    """Count scores in bars of one width from 0 to `max_score`."""
    width = max_score / _BARS
    places = Counter(min(max(int(score / width), 0), _BARS - 1) for score in scores)
    return tuple(
        Bar(round(place * width, 6), round((place + 1) * width, 6), places[place])
        for place in range(_BARS)
    )


def case_statistics(tallies: Iterable[Tally]) -> tuple[CaseStatistics, ...]:
    """Gather tallies by case, in the order of the suite."""
    found: dict[str, list[Tally]] = {}
    for tally in tallies:
        found.setdefault(tally.name, []).append(tally)
    in_order = sorted(
        found.values(), key=lambda of: (min(each.position for each in of), of[0].name)
    )
    return tuple(_case(of) for of in in_order)


def _case(tallies: Sequence[Tally]) -> CaseStatistics:
    usual = max(tallies, key=lambda tally: tally.students)
    return CaseStatistics(
        name=usual.name,
        file=usual.file,
        max_points=usual.max_points,
        students=sum(tally.students for tally in tallies),
        accepted=sum(tally.students for tally in tallies if tally.full),
        mistakes=common_mistakes(
            (tally.message, tally.students) for tally in tallies if not tally.full
        ),
    )

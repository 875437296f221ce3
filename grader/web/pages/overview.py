"""The page of an assignment as staff see it: how the class stands, and what it gets wrong."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from grader.domain.assignments import Assignment
from grader.domain.attempts import Attempt
from grader.domain.policy import is_late
from grader.domain.statistics import CaseStatistics, Statistics
from grader.web.pages.access import PageAccess
from grader.web.pages.charts import Chart, activity_chart, score_chart
from grader.web.pages.moments import Clock, course_clock, distance
from grader.web.pages.rendering import page, part
from grader.workflow.attempts import last_attempts
from grader.workflow.service import Place, now, suite_of
from grader.workflow.statistics import read_mark, read_statistics

PARTS = ("figures", "cases", "scores", "activity", "latest")
Parts = Mapping[str, str]
"""What each of `PARTS` holds, as HTML."""

_LATEST = 10
_MISTAKES = 3  # of a case
_MINUTE = 60
_FIRST = 3  # mistakes that most made


@dataclass(frozen=True)
class MistakeOnPage:
    """A mistake at a case, and how many of those who were graded made it."""

    case: str
    file: str
    key: str
    message: str
    students: int
    of: int


@dataclass(frozen=True)
class CaseOnPage:
    """A case, and its commonest mistakes."""

    case: CaseStatistics
    mistakes: tuple[MistakeOnPage, ...]
    more: int  # kinds of mistake that are not shown


@dataclass(frozen=True)
class Overview:
    """What the page shows of a class, at one moment."""

    assignment: Assignment
    version: str
    clock: Clock
    statistics: Statistics
    cases: tuple[CaseOnPage, ...]
    first: tuple[MistakeOnPage, ...]
    scores: Chart
    activity: Chart | None
    latest: tuple[Attempt, ...]

    def rendered(self, name: str) -> str:
        """Return one of `PARTS` of the page."""
        return part(f"_class_{name}.html", o=self)

    def since(self, moment: datetime) -> str:
        """Say how long ago something was, to the second where that is little."""
        seconds = max(0, int((self.clock.now - moment).total_seconds()))
        return f"{seconds} s" if seconds < _MINUTE else distance(-seconds).removesuffix(" ago")

    @staticmethod
    def percent(share: float) -> str:
        """Return a share in percent; all and none are said of all and none alone."""
        whole = min(max(round(share * 100), 1), 99) if 0 < share < 1 else round(share * 100)
        return f"{whole} %"


class Overviews:
    """The last look at each assignment, which all share who have it open: it may cost 0.1 s."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[Place, tuple[str, Parts]] = {}

    def keep(self, place: Place, overview: Overview) -> Parts:
        """Keep the last look, and return the parts of its page."""
        parts = {name: overview.rendered(name) for name in PARTS}
        self._last[place] = (overview.statistics.mark, parts)
        return parts

    def parts(self, place: Place, mark: str) -> Parts:
        """Return the parts of the page at a mark, if that was the last look."""
        seen, parts = self._last.get(place, ("", {}))
        return parts if seen == mark else {}

    def look(self, access: PageAccess, place: Place) -> tuple[str, Parts]:
        """Return the parts of the page as they are now, and their mark."""
        with self._lock:  # of those who look at once, one reads
            mark = read_mark(access.service, access.identity, place)
            if not self.parts(place, mark):
                self.keep(place, read_overview(access, place))
            return self._last[place]


def overview_page(request: Request, access: PageAccess, place: Place) -> Response:
    """Show how the class stands at an assignment."""
    found = read_overview(access, place)
    overviews: Overviews = request.app.state.overviews
    return page(
        request,
        "overview.html",
        parts=overviews.keep(place, found),
        mark=found.statistics.mark,
        assignment=found.assignment,
        clock=found.clock,
        late=is_late(found.assignment, found.clock.now),
    )


def read_overview(access: PageAccess, place: Place) -> Overview:
    """Return how the class stands at an assignment.

    Raises:
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student asks.
    """
    suite = suite_of(access.service, access.identity, place)
    statistics = read_statistics(access.service, access.identity, place)
    clock = course_clock(suite.assignment, now())
    cases = [_case(each) for each in statistics.cases]
    made = [mistake for case in cases for mistake in case.mistakes]
    return Overview(
        assignment=suite.assignment,
        version=suite.version,
        clock=clock,
        statistics=statistics,
        cases=tuple(sorted(cases, key=lambda each: each.case.rate)),
        first=tuple(_most_made(made)),
        scores=score_chart(statistics.bars, suite.assignment.pass_mark),
        activity=activity_chart(statistics.activity, clock.zone),
        latest=tuple(last_attempts(access.service, access.identity, place, _LATEST)),
    )


def _case(case: CaseStatistics) -> CaseOnPage:
    shown = case.mistakes[:_MISTAKES]
    mistakes = tuple(
        MistakeOnPage(
            case=case.name,
            file=case.file,
            key=mistake.key,
            message=mistake.message,
            students=mistake.students,
            of=case.students,
        )
        for mistake in shown
    )
    return CaseOnPage(case, mistakes, len(case.mistakes) - len(shown))


def _most_made(mistakes: Sequence[MistakeOnPage]) -> Iterable[MistakeOnPage]:
    """Return what most got wrong; what only one did says nothing of the class."""
    common = [mistake for mistake in mistakes if mistake.students > 1]
    return sorted(common, key=lambda mistake: -mistake.students)[:_FIRST]

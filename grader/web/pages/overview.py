"""The page of an assignment as staff see it: how the class stands, and what it gets wrong."""

from collections.abc import Iterable, Sequence
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
from grader.workflow.statistics import read_statistics

PARTS = ("figures", "cases", "scores", "activity", "latest")
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


def overview_page(request: Request, access: PageAccess, place: Place) -> Response:
    """Show how the class stands at an assignment."""
    found = read_overview(access, place)
    moment = found.clock.now
    return page(
        request,
        "overview.html",
        o=found,
        assignment=found.assignment,
        clock=found.clock,
        late=is_late(found.assignment, moment),
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

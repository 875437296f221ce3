"""How far a run is, as the part of its page that changes while it is graded."""

from dataclasses import dataclass, replace

from grader.domain.progress import QueuePlace
from grader.domain.verdicts import CaseResult
from grader.web.events import Ended, Judged, News, Queued, Running
from grader.web.pages.moments import how_long
from grader.web.pages.rendering import part
from grader.web.pages.verdicts import Look, look_of
from grader.workflow.progress import Followed, cases_to_come, progress
from grader.workflow.service import Service


@dataclass(frozen=True)
class SoFar:
    """How far a run is: where it waits, or which cases its reader may see are done, `of` how many.

    Nothing here comes of cases that the reader may not see yet, their number neither.
    """

    place: QueuePlace | None = None
    done: tuple[CaseResult, ...] = ()
    of: int | None = None

    @property
    def looks(self) -> tuple[tuple[CaseResult, Look], ...]:
        """Return the cases that are done, each with its verdict."""
        return tuple((case, look_of(case)) for case in self.done)

    @property
    def wait(self) -> str:
        """Say how long it takes until it is graded, roughly, or nothing where nobody knows."""
        if self.place is None or self.place.expected_seconds is None:
            return ""
        return how_long(self.place.expected_seconds)


class LiveProgress:
    """Makes events for a page from a run's news, of which it remembers what was done before."""

    def __init__(self, of: int | None) -> None:
        self._so_far = SoFar(of=of)

    def __call__(self, news: News) -> tuple[str, str]:
        """Return an event's name and data."""
        match news:
            case Ended():
                return "ended", "ended"  # an event without data is none to a browser
            case Queued(place):
                self._so_far = replace(self._so_far, place=place, done=())
            case Running():
                self._so_far = replace(self._so_far, place=None, done=())
            case Judged(case):
                self._so_far = replace(self._so_far, done=(*self._so_far.done, case))
        return "progress", part("_progress.html", so_far=self._so_far)


def so_far(service: Service, followed: Followed) -> SoFar:
    """Return how far a run is now.

    Raises:
        NotFound: the submission is gone.
    """
    found = progress(service, followed)
    return SoFar(found.standing.place, found.cases, cases_to_come(service, followed))

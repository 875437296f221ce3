"""The page of the gradebook. What it shows is all in its address: a link to it shows the same."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from grader.domain.gradebook import CASE_PREFIX, Column, Gradebook, Order, Show, Wanted
from grader.web.pages.access import SignedInPage, SignedInPageRoute
from grader.web.pages.addresses import gradebook_link
from grader.web.pages.moments import course_clock
from grader.web.pages.numbers import number_in
from grader.web.pages.rendering import page
from grader.web.parameters import ThePlace
from grader.workflow import gradebook as book_of_class
from grader.workflow.gradebook import read_gradebook
from grader.workflow.service import Place, now

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_ON_A_PAGE = 50
_LONGEST = 200  # of what an address holds
_MOST_PAGES = 10_000
_SHOWN = {
    Show.PASSED: "Passed",
    Show.NOT_PASSED: "Not passed yet",
    Show.NO_SCORE: "Handed in, without a score",
    Show.NOTHING: "Nothing handed in",
    Show.WAITING: "Something waits to be graded",
    Show.FAILED: "A run failed by our fault",
    Show.LATE: "What counts is late",
    Show.STALE: "Graded by another suite version",
}
_LARGEST_FIRST = (Column.SCORE, Column.LAST, Column.ATTEMPTS, Column.LATE)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it cannot mean is left out."""

    q: str = ""
    show: str = ""
    case: str = ""
    mistake: str = ""
    sort: str = Column.STUDENT.value

    @property
    def order(self) -> Order:
        """Return the order that is asked for."""
        return Order(self.sort.removeprefix("-"), self.sort.startswith("-"))

    @property
    def wanted(self) -> Wanted:
        """Return who is asked for."""
        show = Show(self.show) if self.show else None
        return Wanted(self.q, show, self.case, self.mistake if self.case else "")

    @property
    def is_narrowed(self) -> bool:
        """Return whether not everybody is asked for."""
        return self.wanted != Wanted()


@dataclass(frozen=True)
class Heading:
    """A column: its title, where one sorts by it, and how it is sorted now, if it is."""

    words: str
    address: str
    sorted: str = ""
    points: float | None = None


class Pages:
    """Where the pages of one gradebook are, and which is shown."""

    def __init__(self, place: Place, asked: Asked, number: int) -> None:
        self._place = place
        self._asked = asked
        self.number = number

    def link(self, **changed: str | int | None) -> str:
        """Return the address of what is asked for, but for what is `changed`."""
        asked: dict[str, str | int | None] = {**vars(self._asked), **changed}
        if asked["sort"] == Column.STUDENT:
            asked["sort"] = None
        return gradebook_link(self._place.course, self._place.assignment, **asked)

    def file(self, kind: str) -> str:
        """Return where a program reads what is asked for, all pages of it."""
        base, _, query = self.link().partition("?")
        return f"/api/v1{base}{kind}" + (f"?{query}" if query else "")

    def heading(self, words: str, by: str, points: float | None = None) -> Heading:
        """Return the head of a column, which sorts by it, and the other way if it is sorted so."""
        now_by, descending = self._asked.order.by, self._asked.order.descending
        is_sorted = ("descending" if descending else "ascending") if by == now_by else ""
        turned = f"-{by}" if not is_sorted and by in _LARGEST_FIRST else by
        if is_sorted:
            turned = by if descending else f"-{by}"
        return Heading(words, self.link(sort=turned), is_sorted, points)


def _asked(
    q: Annotated[str, Query()] = "",
    show: Annotated[str, Query()] = "",
    case: Annotated[str, Query()] = "",
    mistake: Annotated[str, Query()] = "",
    sort: Annotated[str, Query()] = "",
) -> Asked:
    by = sort.removeprefix("-")
    known = by in list(Column) or by.startswith(CASE_PREFIX)
    return Asked(
        q=q.strip()[:_LONGEST],
        show=show if show in list(Show) else "",
        case=case[:_LONGEST],
        mistake=mistake[:_LONGEST],
        sort=sort[:_LONGEST] if known else Column.STUDENT,
    )


@router.get("/courses/{course}/assignments/{assignment}/gradebook")
def gradebook(
    request: Request,
    access: SignedInPage,
    place: ThePlace,
    asked: Annotated[Asked, Depends(_asked)],
    number: Annotated[str, Query(alias="page")] = "1",
) -> Response:
    """Show how each student stands."""
    wanted_page = min(max(number_in(number) or 1, 1), _MOST_PAGES)
    wanted = book_of_class.Request(
        asked.wanted, asked.order, (wanted_page - 1) * _ON_A_PAGE, _ON_A_PAGE
    )
    book = read_gradebook(access.service, access.identity, place, wanted)
    pages = Pages(place, asked, wanted_page)
    return page(
        request,
        "gradebook.html",
        assignment=book.assignment,
        book=book,
        asked=asked,
        pages=pages,
        last=max(1, -(-book.total // _ON_A_PAGE)),
        first_shown=(wanted_page - 1) * _ON_A_PAGE + 1,
        headings=_headings(book, pages),
        shows=_SHOWN,
        clock=course_clock(book.assignment, now()),
    )


def _headings(book: Gradebook, pages: Pages) -> tuple[list[Heading], list[Heading]]:
    """Return the heads of the columns that every gradebook has, and of the cases."""
    of_all = [
        pages.heading("Student", Column.STUDENT),
        pages.heading("Score", Column.SCORE),
        pages.heading("Attempts", Column.ATTEMPTS),
        pages.heading("Last handed in", Column.LAST),
        pages.heading("Late", Column.LATE),
    ]
    cases = book.cases.items()
    return of_all, [pages.heading(name, f"{CASE_PREFIX}{name}", points) for name, points in cases]

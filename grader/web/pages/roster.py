"""The roster of a course: who takes part, a list that changes it, and links that let people in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from grader.domain.people import Role
from grader.domain.roster import KnownMember, RosterPlan
from grader.errors import Conflict
from grader.grading.formats.roster import MOST_BYTES, RosterFile, read_roster_file
from grader.web.pages.access import PageAccess, SignedInPage, SignedInPageRoute
from grader.web.pages.addresses import roster_link
from grader.web.pages.desk_places import desk_assignment
from grader.web.pages.flash import redirect
from grader.web.pages.moments import Clock, course_clock
from grader.web.pages.numbers import number_in
from grader.web.pages.rendering import page
from grader.web.parameters import Name
from grader.web.roster_links import links_file
from grader.workflow.roster import (
    For,
    import_roster,
    make_roster_links,
    plan_import,
    read_roster,
    require_importer,
)
from grader.workflow.service import now

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_ON_A_PAGE = 100
_LASTS = {"1": "a day", "7": "a week", "30": "30 days"}
_TOLD = 200  # people of a plan who are named
_UNPROCESSABLE = 422

Text = Annotated[str, Form()]


@dataclass(frozen=True)
class MemberPage:
    """A page of the members that were searched for, among `of` in all."""

    members: tuple[KnownMember, ...]
    found: int
    of: int
    number: int
    search: str

    @property
    def before(self) -> int | None:
        """Return the number of the page before this one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """Return the number of the page after this one."""
        return self.number + 1 if self.number * _ON_A_PAGE < self.found else None


@dataclass(frozen=True)
class Looked:
    """A list that was looked at; nothing of it is stored before it is confirmed."""

    file: RosterFile
    csv: str
    remove_others: bool
    plan: RosterPlan | None
    trouble: str = ""

    @property
    def told(self) -> int:
        """Return how many people of each kind are named."""
        return _TOLD


@router.get("/courses/{course}/roster")
def roster(
    request: Request,
    access: SignedInPage,
    course: Name,
    q: Annotated[str, Query(max_length=200)] = "",
    listed: Annotated[str, Query(alias="page")] = "",
) -> Response:
    """Show who takes part in a course."""
    return _page(request, access, course, _members(access, course, q, number_in(listed) or 1))


@router.post("/courses/{course}/roster")
def look(
    request: Request,
    access: SignedInPage,
    course: Name,
    file: Annotated[UploadFile | str | None, File()] = None,
    remove_others: Text = "",
) -> Response:
    """Show what a list would change, and store nothing."""
    require_importer(access.identity, course)
    content = b"" if file is None or isinstance(file, str) else file.file.read(MOST_BYTES + 1)
    return _looked(request, access, course, content, remove_others=bool(remove_others))


@router.post("/courses/{course}/roster/confirm")
def confirm(
    request: Request,
    access: SignedInPage,
    course: Name,
    csv: Text = "",
    remove_others: Text = "",
    digest: Text = "",
) -> Response:
    """Make the roster say what a list does that was looked at, unless it changed meanwhile."""
    require_importer(access.identity, course)
    # A form may claim a charset by which it holds what is no text.
    content, remove = csv.encode(errors="replace"), bool(remove_others)
    read = read_roster_file(content)
    if read.mistakes:
        return _looked(request, access, course, content, remove_others=remove)
    try:
        changed = import_roster(
            access.service,
            access.identity,
            course,
            read.people,
            remove_others=remove,
            expected=digest,
        )
    except Conflict as conflict:
        return _looked(
            request, access, course, content, remove_others=remove, trouble=str(conflict)
        )
    return redirect(request, roster_link(course), f"The roster is changed: {changed.says}")


@router.post("/courses/{course}/roster/links")
def links(
    request: Request,
    access: SignedInPage,
    course: Name,
    whom: Annotated[For, Form()],
    days: Text = "7",
) -> Response:
    """Make sign-in links and hand them out as a file, the only copy there is."""
    lasts = timedelta(days=int(days) if days in _LASTS else 7)
    made = make_roster_links(access.service, access.identity, course, whom, lasts)
    if not made:
        said = "There is nobody to make a link for."
        return redirect(request, f"{roster_link(course)}#links", said)
    return links_file(request, course, made)


def _looked(
    request: Request,
    access: PageAccess,
    course: str,
    content: bytes,
    *,
    remove_others: bool,
    trouble: str = "",
) -> Response:
    read = read_roster_file(content)
    plan, mistakes = None, read.mistakes
    members = _members(access, course, "", 1)
    if not mistakes:
        plan, mistakes = plan_import(
            access.service, access.identity, course, read.people, remove_others=remove_others
        )
    csv = "" if mistakes else content.decode("utf-8-sig")
    file = RosterFile(read.people, mistakes, read.unread)
    looked = Looked(file, csv, remove_others, plan, trouble)
    status = _UNPROCESSABLE if mistakes else 200
    return _page(request, access, course, members, looked, status)


def _page(
    request: Request,
    access: PageAccess,
    course: str,
    members: MemberPage,
    looked: Looked | None = None,
    status: int = 200,
) -> Response:
    assignment = desk_assignment(access, course, request.query_params.get("assignment", ""))
    moment = now()
    return page(
        request,
        "roster.html",
        status,
        course=course,
        assignment=assignment,
        clock=course_clock(assignment, moment) if assignment else Clock(moment),
        members=members,
        looked=looked,
        may_change=access.identity.is_instructor_of(course),
        lasts=_LASTS,
        student=Role.STUDENT,
    )


def _members(access: PageAccess, course: str, search: str, number: int) -> MemberPage:
    known = read_roster(access.service, access.identity, course)
    wanted = search.strip().casefold()
    found = [
        each for each in known if wanted in f"{each.member.name}\n{each.member.section}".casefold()
    ]
    number = min(max(number, 1), max(1, -(-len(found) // _ON_A_PAGE)))
    shown = found[(number - 1) * _ON_A_PAGE : number * _ON_A_PAGE]
    return MemberPage(tuple(shown), len(found), len(known), number, search.strip())

"""The routes of a course's roster: read it, make it say what a list does, make sign-in links."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, Response, UploadFile

from grader.errors import UploadRefused
from grader.grading.formats.roster import MOST_BYTES, read_roster_file, roster_csv
from grader.web.access import SignedIn, SignedInRoute
from grader.web.downloads import csv_file
from grader.web.models import PROBLEM
from grader.web.parameters import LARGEST_ID, Name
from grader.web.roster_models import (
    LinkList,
    LinksRequest,
    MemberList,
    RosterPlanModel,
    link_model,
    listed_member_model,
    plan_model,
)
from grader.web.site import address_of
from grader.workflow.roster import (
    import_roster,
    make_roster_links,
    plan_import,
    read_roster,
    require_importer,
)

_READS: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 403, 404, 422), PROBLEM)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}, **_READS}
_WRITES: dict[int | str, dict[str, Any]] = dict.fromkeys(
    (400, 401, 403, 404, 408, 409, 413, 422, 429, 503), PROBLEM
)
_MOST_TOLD = 10  # mistakes in one sentence

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["courses"])


@router.get("/courses/{course}/roster", responses=_READS)
def index(
    access: SignedIn,
    course: Name,
    cursor: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> MemberList:
    """List who takes part in a course, for staff."""
    known = read_roster(access.service, access.identity, course)
    shown = known[cursor : cursor + limit]
    more = str(cursor + limit) if len(known) > cursor + limit else None
    return MemberList(items=[listed_member_model(each) for each in shown], next=more)


@router.get("/courses/{course}/roster.csv", response_class=Response, responses=_CSV)
def as_csv(access: SignedIn, course: Name) -> Response:
    """Read the roster as a CSV that can be imported again, for staff."""
    known = read_roster(access.service, access.identity, course)
    return csv_file(roster_csv(each.member for each in known), f"{course}-roster.csv")


@router.post("/courses/{course}/roster", responses=_WRITES)
def import_list(
    access: SignedIn,
    course: Name,
    file: Annotated[UploadFile, File(description="CSV with the columns name, role, section.")],
    remove_others: Annotated[bool, Query(description="Remove who is not in it.")] = False,
    dry_run: Annotated[bool, Query(description="Only tell what it would change.")] = True,
) -> RosterPlanModel:
    """Make the roster say what a list does, or tell what that would change; for instructors."""
    require_importer(access.identity, course)
    read = read_roster_file(file.file.read(MOST_BYTES + 1))
    mistakes = read.mistakes
    plan = None
    if not mistakes:
        plan, mistakes = plan_import(
            access.service, access.identity, course, read.people, remove_others=remove_others
        )
    if mistakes or plan is None:
        told = " ".join(f"Line {each.line}: {each.says}." for each in mistakes[:_MOST_TOLD])
        raise UploadRefused("not_a_roster", f"Nothing was stored. {told}")
    if not dry_run:
        plan = import_roster(
            access.service, access.identity, course, read.people, remove_others=remove_others
        )
    return plan_model(plan, stored=not dry_run)


@router.post("/courses/{course}/roster/links", status_code=201, responses=_WRITES)
def make_links(request: Request, access: SignedIn, course: Name, wanted: LinksRequest) -> LinkList:
    """Make a sign-in link for each of them, told only now; for instructors."""
    lasts = timedelta(hours=wanted.hours)
    made = make_roster_links(access.service, access.identity, course, wanted.whom, lasts)
    where = address_of(request)
    return LinkList(items=[link_model(each, where) for each in made])

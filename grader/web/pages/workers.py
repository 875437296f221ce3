"""Who grades: each worker's slots and sandbox, what waits for them, and what failed."""

from fastapi import APIRouter, Request, Response

from grader.web.pages.access import SignedInPage, SignedInPageRoute
from grader.web.pages.desk_places import desk_assignment
from grader.web.pages.moments import Clock, course_clock
from grader.web.pages.rendering import page
from grader.workflow.service import now
from grader.workflow.workers import read_workshop

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)


@router.get("/workers")
def workers(request: Request, access: SignedInPage) -> Response:
    """Show who grades, as it is now."""
    workshop = read_workshop(access.service, access.identity)
    assignment = desk_assignment(access, None, request.query_params.get("assignment", ""))
    moment = now()
    return page(
        request,
        "workers.html",
        workshop=workshop,
        assignment=assignment,
        clock=course_clock(assignment, moment) if assignment else Clock(moment),
    )

"""The first page: the assignments of one's courses, and how one stands with each."""

from fastapi import APIRouter, Request, Response

from grader.web.pages.access import SignedInPage, SignedInPageRoute
from grader.web.pages.moments import course_clock
from grader.web.pages.rendering import page
from grader.workflow.attempts import own_attempts
from grader.workflow.service import now

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)


@router.get("/")
def home(request: Request, access: SignedInPage) -> Response:
    """Show the assignments."""
    moment = now()
    own = own_attempts(access.service, access.identity)
    clocks = [course_clock(each.assignment, moment) for each in own]
    return page(request, "home.html", own=list(zip(own, clocks, strict=True)), now=moment)

"""The first page: the assignments of one's courses."""

from fastapi import APIRouter, Request, Response

from grader.web.pages.access import SignedInPage, SignedInPageRoute
from grader.web.pages.rendering import page
from grader.workflow.service import list_assignments

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)


@router.get("/")
def home(request: Request, access: SignedInPage) -> Response:
    """Show the assignments."""
    assignments = list_assignments(access.service, access.identity)
    return page(request, "home.html", assignments=assignments)

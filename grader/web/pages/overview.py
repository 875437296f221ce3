"""The page of an assignment as staff see it: how the class stands."""

from fastapi import Request, Response

from grader.domain.policy import is_late
from grader.web.pages.access import PageAccess
from grader.web.pages.moments import course_clock
from grader.web.pages.rendering import page
from grader.workflow.attempts import last_attempts
from grader.workflow.service import Place, now, suite_of


def overview(request: Request, access: PageAccess, place: Place) -> Response:
    """Show how the class stands at an assignment."""
    assignment = suite_of(access.service, access.identity, place).assignment
    moment = now()
    return page(
        request,
        "overview.html",
        assignment=assignment,
        clock=course_clock(assignment, moment),
        late=is_late(assignment, moment),
        latest=last_attempts(access.service, access.identity, place),
    )

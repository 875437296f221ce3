"""The page of a submitted file: its lines, and what cases say of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from grader.web.pages.access import SignedInPage, SignedInPageRoute
from grader.web.pages.rendering import page
from grader.web.pages.sources import read_source, remarks_on
from grader.web.parameters import Name, SubmissionId
from grader.workflow.submissions import content_of, read_submission

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_MOST_LINES = 1 << 20  # as many as a file of that size has at most


@router.get("/submissions/{submission}/files/{name}")
def file(
    request: Request,
    access: SignedInPage,
    submission: SubmissionId,
    name: Name,
    first: Annotated[int, Query(ge=1, le=_MOST_LINES)] = 1,
) -> Response:
    """Show a file from its line `first` on."""
    view = read_submission(access.service, access.identity, submission)
    content = content_of(access.service, view, name)
    source = read_source(content, first, remarks_on(name, view.submission.run.cases))
    return page(
        request, "file.html", name=name, source=source, submission=view.submission, view=view
    )

"""The page of a submission: its result, and while there is none how far it is."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from grader.domain.runs import RunStatus
from grader.domain.submissions import SubmissionView
from grader.errors import Conflict
from grader.grading.formats.report import Report, course_lines
from grader.web.events import EventStream
from grader.web.pages.access import PageAccess, SignedInPage, SignedInPageRoute
from grader.web.pages.flash import redirect
from grader.web.pages.inspection import to_inspect
from grader.web.pages.live import LiveProgress, so_far
from grader.web.pages.moments import course_clock
from grader.web.pages.rendering import page
from grader.web.pages.results import read_result
from grader.web.parameters import SubmissionId
from grader.workflow.inspection import counting_submission, inspect
from grader.workflow.progress import cases_to_come, follow
from grader.workflow.retries import retry
from grader.workflow.service import now
from grader.workflow.submissions import assignment_of, read_submission

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)


@router.get("/submissions/{submission}")
def show(request: Request, access: SignedInPage, submission: SubmissionId) -> Response:
    """Show a submission as far as it is."""
    view = read_submission(access.service, access.identity, submission)
    assignment = assignment_of(access.service, view.submission)
    about: dict[str, Any] = {
        "view": view,
        "submission": view.submission,
        "assignment": assignment,
        "clock": course_clock(assignment, now()),
    }
    run = view.submission.run
    if not run.status.over:
        followed = follow(access.service, access.identity, submission)
        found = so_far(access.service, followed)
        return page(request, "waiting.html", so_far=found, **about)
    if run.status is not RunStatus.GRADED and not view.for_staff:
        return page(request, "no_result.html", **about)
    words = course_lines(Report(assignment.name, run.cases, run.seconds or 0.0))
    about |= {
        "score": view.submission.score,
        "course_words": list(words),
    }
    if view.for_staff:
        return _for_staff(request, access, view, about)
    return page(
        request,
        "submission.html",
        result=read_result(view, assignment),
        handed_in=[file.name for file in view.submission.files],
        counting_id=counting_submission(access.service, view),
        **about,
    )


def _for_staff(
    request: Request, access: PageAccess, view: SubmissionView, about: dict[str, Any]
) -> Response:
    submission = view.submission
    release = access.service.suites.get((submission.course, submission.assignment))
    found = inspect(access.service, view)
    return page(
        request,
        "inspection.html",
        inspected=to_inspect(view, about["assignment"], found),
        counting_id=found.counting_id,
        current_version=release and release.version,
        **about,
    )


@router.post("/submissions/{submission}/retry")
def try_again(request: Request, access: SignedInPage, submission: SubmissionId) -> Response:
    """Queue a failed run again, for staff; who was outrun by somebody else is told so."""
    try:
        retry(access.service, access.identity, submission)
        said = "It is queued again."
    except Conflict as conflict:
        said = str(conflict)
    return redirect(request, f"/submissions/{submission}", said)


def _events(access: SignedInPage, submission: SubmissionId) -> EventStream:
    followed = follow(access.service, access.identity, submission)
    live = LiveProgress(cases_to_come(access.service, followed))
    return EventStream(access.service, followed, live)


@router.get("/submissions/{submission}/events")
async def events(stream: Annotated[EventStream, Depends(_events)]) -> EventStream:
    """Send how far a run is, each time as a part of its page, and last that it has ended."""
    return stream

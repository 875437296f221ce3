"""The page of an assignment: what is asked, where to hand it in, and one's attempts.

Staff find the overview there, and this page one step further.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from grader.domain.assignments import Assignment, LatePolicy
from grader.domain.attempts import Attempt, Attempts
from grader.domain.policy import is_late
from grader.errors import TooOften, UploadRefused, UsageError
from grader.web.errors import status_of
from grader.web.pages.access import PageAccess, SignedInPage, SignedInPageRoute
from grader.web.pages.attempt_pages import attempt_page
from grader.web.pages.flash import redirect
from grader.web.pages.moments import course_clock
from grader.web.pages.numbers import number_in
from grader.web.pages.overview import overview_page
from grader.web.pages.rendering import page
from grader.web.parameters import ThePlace, read_parts
from grader.workflow.attempts import own_attempts_at
from grader.workflow.people import check_name
from grader.workflow.service import Place, now
from grader.workflow.uploads import Upload, submit

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_MOST_KEEPABLE = 50  # in a list that one still reads


@dataclass(frozen=True)
class _Entered:
    """What the form holds when its page comes (again), and why it was refused."""

    keep: str = ""
    student: str = ""
    refused: UploadRefused | None = None


@router.get("/courses/{course}/assignments/{assignment}")
def assignment(
    request: Request, access: SignedInPage, place: ThePlace, keep: Annotated[str, Query()] = ""
) -> Response:
    """Show an assignment, to staff how their class stands at it."""
    if access.identity.is_staff_of(place.course):
        return overview_page(request, access, place)
    return _page(request, access, place, _Entered(keep))


@router.get("/courses/{course}/assignments/{assignment}/hand-in")
def hand_in_page(
    request: Request, access: SignedInPage, place: ThePlace, keep: Annotated[str, Query()] = ""
) -> Response:
    """Show where to hand in, which staff do for a student or to try the assignment."""
    return _page(request, access, place, _Entered(keep))


@router.post("/courses/{course}/assignments/{assignment}")
def hand_in(
    request: Request,
    access: SignedInPage,
    place: ThePlace,
    files: Annotated[list[UploadFile | str] | None, File()] = None,
    keep_from: Annotated[str, Form()] = "",
    student: Annotated[str, Form()] = "",
) -> Response:
    """Hand in files; who is refused is told why, and where they were."""
    # A browser that has no file chosen sends one without a name.
    chosen = [file for file in files or () if not isinstance(file, str) and file.filename]
    upload = Upload(read_parts(chosen), student.strip() or None, keep_from=number_in(keep_from))
    try:
        _check_student(upload.student)
        view = submit(access.service, access.identity, place, upload)
    except UploadRefused as refused:
        return _page(request, access, place, _Entered(keep_from, student, refused))
    address = f"/submissions/{view.submission.id}"
    if "HX-Request" in request.headers:
        return Response(headers={"HX-Redirect": address})
    return redirect(request, address)


def _page(request: Request, access: PageAccess, place: Place, entered: _Entered) -> Response:
    refused = entered.refused
    own = own_attempts_at(access.service, access.identity, place)
    moment = now()
    response = page(
        request,
        "assignment.html",
        200 if refused is None else status_of(refused),
        own=own,
        assignment=own.assignment,
        clock=course_clock(own.assignment, moment),
        late=is_late(own.assignment, moment),
        closed=_closed(own.assignment, own.left, access, place),
        staff=access.identity.is_staff_of(place.course),
        keep=number_in(entered.keep),
        student=entered.student,
        keepable=_keepable(own, number_in(entered.keep)),
        listed=attempt_page(own, number_in(request.query_params.get("page", "")) or 1),
        refused=refused,
    )
    if isinstance(refused, TooOften):
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def _keepable(own: Attempts, chosen: int | None) -> tuple[Attempt, ...]:
    """Return the attempts to keep files from: the last ones, the one that counts, the chosen."""
    wanted = {chosen, own.counts.number if own.counts else None}
    return tuple(
        attempt
        for place, attempt in enumerate(own.made)
        if place < _MOST_KEEPABLE or attempt.number in wanted
    )


def _closed(assignment: Assignment, left: int | None, access: PageAccess, place: Place) -> str:
    """Say why nothing can be handed in now, or nothing where it can."""
    if access.identity.is_staff_of(place.course):
        return ""
    moment = now()
    if assignment.opens and moment < assignment.opens:
        return "not_open"
    if is_late(assignment, moment) and assignment.late_policy == LatePolicy.REFUSE:
        return "late"
    return "attempt_limit" if left == 0 else ""


def _check_student(name: str | None) -> None:
    if name is not None:
        try:
            check_name(name)
        except UsageError as error:
            raise UploadRefused("no_such_student", str(error)) from None

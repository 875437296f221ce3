"""The page of an assignment's reruns: what there is to grade again, and the reruns so far."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from grader.domain.reruns import Scope, Wanted
from grader.errors import GraderError, NotAllowed, NotFound, UsageError
from grader.web.errors import status_of
from grader.web.pages.access import PageAccess, SignedInPage, SignedInPageRoute
from grader.web.pages.addresses import rerun_link
from grader.web.pages.flash import redirect
from grader.web.pages.moments import course_clock
from grader.web.pages.rendering import page
from grader.web.pages.rerun_sentences import several
from grader.web.pages.rerun_words import SCOPES, STATES, what_of
from grader.web.parameters import LARGEST_ID, SubmissionId, ThePlace
from grader.workflow.rerun_desk import Desk, read_desk
from grader.workflow.reruns import Listing, rerun_submission, start_rerun
from grader.workflow.service import Place, now

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_ON_A_PAGE = 10
_LONGEST_NAME, _MOST_CASES, _LONGEST_CASE = 100, 200, 200
_Case = Annotated[str, Form(min_length=1, max_length=_LONGEST_CASE)]


@dataclass(frozen=True)
class Wish:
    """What the form holds; without a scope the page proposes one."""

    scope: Scope | None = None
    student: str = ""
    cases: tuple[str, ...] = ()


def _asked(
    scope: Scope | None = None,
    student: Annotated[str, Query(max_length=_LONGEST_NAME)] = "",
    case: Annotated[list[str] | None, Query(max_length=_MOST_CASES)] = None,
) -> Wish:
    return Wish(scope, student, tuple(case or ()))


def _sent(
    scope: Annotated[Scope, Form()],
    student: Annotated[str, Form(max_length=_LONGEST_NAME)] = "",
    case: Annotated[list[_Case] | None, Form(max_length=_MOST_CASES)] = None,
) -> Wish:
    return Wish(scope, student.strip(), tuple(dict.fromkeys(case or ())))


@router.get("/courses/{course}/assignments/{assignment}/reruns")
def index(
    request: Request,
    access: SignedInPage,
    place: ThePlace,
    wish: Annotated[Wish, Depends(_asked)],
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Response:
    """Show the reruns; what the address wishes stands in the form."""
    return _page(request, access, place, wish, before=before)


@router.post("/courses/{course}/assignments/{assignment}/reruns")
def propose(
    request: Request,
    access: SignedInPage,
    place: ThePlace,
    wish: Annotated[Wish, Depends(_sent)],
    form: Annotated[str, Form(max_length=_LONGEST_NAME)] = "",
) -> Response:
    """Begin a rerun; sent twice, the same form begins one."""
    wanted = Wanted(wish.scope or Scope.ALL, wish.student or None, cases=wish.cases)
    try:
        rerun = start_rerun(access.service, access.identity, place, wanted, _key(form, wanted))
    except NotAllowed:
        raise
    except (UsageError, NotFound) as refused:
        return _page(request, access, place, wish, refused)
    return redirect(request, rerun_link(place.course, place.assignment, rerun.id))


@router.post("/submissions/{submission}/reruns")
def grade_again(request: Request, access: SignedInPage, submission: SubmissionId) -> Response:
    """Begin a rerun of one submission."""
    rerun = rerun_submission(access.service, access.identity, submission, Wanted())
    return redirect(request, rerun_link(rerun.course, rerun.assignment, rerun.id))


def _page(
    request: Request,
    access: PageAccess,
    place: Place,
    wish: Wish,
    refused: GraderError | None = None,
    before: int | None = None,
) -> Response:
    desk = read_desk(access.service, access.identity, place, Listing(_ON_A_PAGE, before))
    return page(
        request,
        "reruns.html",
        200 if refused is None else status_of(refused),
        desk=desk,
        assignment=desk.assignment,
        clock=course_clock(desk.assignment, now()),
        wish=wish,
        chosen=wish.scope or _proposed(desk),
        others=[name for name in wish.cases if name not in desk.cases],
        refused=refused,
        form=secrets.token_urlsafe(),
        scopes=SCOPES,
        states=STATES,
        what_of=what_of,
        several=several,
        earlier=before is not None,
    )


def _proposed(desk: Desk) -> Scope:
    return Scope.STALE if desk.in_scopes.get(Scope.STALE) else Scope.ALL


def _key(form: str, wanted: Wanted) -> str | None:
    """Return what tells this form with these wishes apart: filled in anew it is another."""
    return hashlib.sha256(f"{form} {wanted}".encode()).hexdigest() if form else None

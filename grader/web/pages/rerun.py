"""The page of one rerun: how far it is, then what it changes, and the decision about it."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from grader.domain.reruns import Only, Rerun
from grader.errors import Conflict
from grader.web.events import SeatedStream
from grader.web.pages.access import PageAccess, SignedInPage, SignedInPageRoute
from grader.web.pages.addresses import rerun_link
from grader.web.pages.flash import redirect
from grader.web.pages.moments import course_clock
from grader.web.pages.rendering import page
from grader.web.pages.rerun_changes import by_student
from grader.web.pages.rerun_found import TheRerun
from grader.web.pages.rerun_live import follow, progress_of
from grader.web.pages.rerun_sentences import applying, left_alone, several, undoing
from grader.web.pages.rerun_words import STATES, WHICHES, recorded, what_of
from grader.workflow.rerun_changes import Which, assignment_of
from grader.workflow.rerun_reviews import Looked, Review, read_record, read_so_far, review
from grader.workflow.reruns import Action, act_on, apply_rerun, undo_rerun
from grader.workflow.service import now

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_ADDRESS = "/courses/{course}/assignments/{assignment}/reruns/{rerun}"
_MOST_PAGES = 100_000


class Act(StrEnum):
    """What the buttons of the page do."""

    APPLY = "apply"
    APPLY_INCREASES = "apply-increases"
    UNDO = "undo"
    DISCARD = "discard"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


_ONLY = {Act.APPLY: Only.ALL, Act.APPLY_INCREASES: Only.INCREASES}
_DONE = {
    Act.APPLY: "Applied: the scores have moved.",
    Act.APPLY_INCREASES: "Applied: what goes up has moved.",
    Act.UNDO: "Taken back.",
    Act.DISCARD: "Discarded: every score stays as it was.",
    Act.PAUSE: "Paused: no further run of it begins.",
    Act.RESUME: "It goes on.",
    Act.CANCEL: "Cancelled: every score stays as it was.",
}


def _looked(
    which: Which = Which.CHANGED,
    case: Annotated[str, Query(max_length=200)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=_MOST_PAGES)] = 1,
) -> Looked:
    return Looked(which, case, number)


@router.get(_ADDRESS)
def show(
    request: Request,
    access: SignedInPage,
    rerun: TheRerun,
    looked: Annotated[Looked, Depends(_looked)],
) -> Response:
    """Show a rerun as far as it is."""
    if rerun.state.under_way:
        return _under_way(request, access, rerun)
    found = review(access.service, rerun, looked)
    return page(
        request,
        "rerun.html",
        review=found,
        looked=looked,
        students=by_student(found.changes),
        pages=max(1, -(-found.found // looked.limit)),
        applying=applying,
        left_alone=left_alone,
        undoing=undoing,
        only=Only,
        which=Which,
        whiches=WHICHES,
        case_names=_case_names(found, looked),
        **_about(access, rerun),
        record=found.record,
    )


@router.post(_ADDRESS)
def decide(
    request: Request, access: SignedInPage, rerun: TheRerun, act: Annotated[Act, Form()]
) -> Response:
    """Do what a button says; who was outrun by somebody else is told so."""
    try:
        _do(access, rerun.id, act)
        said = _DONE[act]
    except Conflict as conflict:
        said = str(conflict)
    return redirect(request, rerun_link(rerun.course, rerun.assignment, rerun.id), said)


@router.get(f"{_ADDRESS}/events")
async def events(stream: Annotated[SeatedStream, Depends(follow)]) -> SeatedStream:
    """Send how far it is, as a part of its page, and last that the page is another."""
    return stream


def _under_way(request: Request, access: PageAccess, rerun: Rerun) -> Response:
    so_far = read_so_far(access.service, access.identity, rerun.id)
    return page(
        request,
        "rerun_under_way.html",
        so_far=progress_of(access.service, so_far),
        record=read_record(access.service, rerun),
        **_about(access, rerun),
    )


def _case_names(review: Review, looked: Looked) -> list[str]:
    """Return the cases to choose from; one that is asked for stays, though nothing has it."""
    names = [case.name for case in review.cases]
    return names if not looked.case or looked.case in names else [*names, looked.case]


def _about(access: PageAccess, rerun: Rerun) -> dict[str, object]:
    assignment = assignment_of(access.service, rerun)
    return {
        "rerun": rerun,
        "assignment": assignment,
        "clock": course_clock(assignment, now()),
        "address": rerun_link(rerun.course, rerun.assignment, rerun.id),
        "look": STATES[rerun.state],
        "what": what_of(rerun),
        "recorded": recorded,
        "several": several,
    }


def _do(access: PageAccess, rerun_id: int, act: Act) -> None:
    service, identity = access.service, access.identity
    if act in _ONLY:
        apply_rerun(service, identity, rerun_id, _ONLY[act])
    elif act is Act.UNDO:
        undo_rerun(service, identity, rerun_id)
    else:
        act_on(service, identity, rerun_id, Action(act.value))

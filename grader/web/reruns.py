"""The routes of reruns: begin, look at what changes, apply, take back, hold and end."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from grader.domain.reruns import Rerun
from grader.errors import NotFound
from grader.grading.formats.rerun_files import changes_csv, changes_junit
from grader.web.access import Access, SignedIn, SignedInRoute
from grader.web.downloads import csv_file
from grader.web.models import PROBLEM
from grader.web.parameters import LARGEST_ID, Name, SubmissionId, ThePlace
from grader.web.rerun_models import (
    ApplyRequest,
    ChangeList,
    RerunList,
    RerunModel,
    RerunRequest,
    SubmissionRerunRequest,
    change_model,
    proposal_model,
    rerun_model,
)
from grader.workflow.rerun_changes import ChangeListing, Which, list_changes, read_proposal
from grader.workflow.reruns import (
    NO_RERUN,
    Action,
    Listing,
    act_on,
    apply_rerun,
    list_reruns,
    read_rerun,
    rerun_submission,
    start_rerun,
    undo_rerun,
)

_STARTS: dict[int | str, dict[str, Any]] = dict.fromkeys(
    (400, 401, 403, 404, 408, 409, 413, 422, 503), PROBLEM
)
_ACTS: dict[int | str, dict[str, Any]] = dict.fromkeys(
    (400, 401, 404, 408, 409, 413, 422, 503), PROBLEM
)
_READS: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 403, 404, 422), PROBLEM)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}, **_READS}
_XML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/xml": {}}}, **_READS}
_COLLECTION = "/courses/{course}/assignments/{assignment}/reruns"

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["reruns"])


def _rerun_id(rerun: Name) -> int:
    # What cannot be an id is an unknown one.
    if rerun.isascii() and rerun.isdigit() and int(rerun) <= LARGEST_ID:
        return int(rerun)
    raise NotFound(NO_RERUN)


def _listing(
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> Listing:
    return Listing(limit, cursor)


def _changes(
    which: Which = Which.CHANGED,
    cursor: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    student: Annotated[str | None, Query(max_length=100)] = None,
) -> ChangeListing:
    return ChangeListing(which, cursor, limit, student)


RerunId = Annotated[int, Depends(_rerun_id)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
TheListing = Annotated[Listing, Depends(_listing)]
TheChanges = Annotated[ChangeListing, Depends(_changes)]


@router.post(_COLLECTION, status_code=202, responses=_STARTS)
def start(
    access: SignedIn,
    place: ThePlace,
    request: RerunRequest,
    response: Response,
    idempotency_key: Key = None,
) -> RerunModel:
    """Queue submissions to be graded again by the suite as it is released now; for staff.

    No score moves until the rerun is applied. A repeat under the same key answers the same rerun.
    """
    rerun = start_rerun(access.service, access.identity, place, request.wanted(), idempotency_key)
    return _begun(access, rerun, response)


@router.post("/submissions/{submission}/reruns", status_code=202, responses=_STARTS)
def start_one(
    access: SignedIn,
    submission: SubmissionId,
    request: SubmissionRerunRequest,
    response: Response,
    idempotency_key: Key = None,
) -> RerunModel:
    """Queue one submission to be graded again; for staff."""
    wanted = request.wanted()
    rerun = rerun_submission(access.service, access.identity, submission, wanted, idempotency_key)
    return _begun(access, rerun, response)


@router.get(_COLLECTION, responses=_READS)
def index(access: SignedIn, place: ThePlace, listing: TheListing) -> RerunList:
    """List reruns, the newest first."""
    one_more = Listing(listing.limit + 1, listing.before)
    found = list_reruns(access.service, access.identity, place, one_more)
    shown = found[: listing.limit]
    more = str(shown[-1].id) if len(found) > listing.limit else None
    return RerunList(items=[rerun_model(each) for each in shown], next=more)


@router.get("/reruns/{rerun}", responses=_READS)
def read(access: SignedIn, rerun: RerunId) -> RerunModel:
    """Read how far a rerun is, and what it changes in numbers."""
    return _resource(access, rerun)


@router.get("/reruns/{rerun}/changes", responses=_READS)
def changes(access: SignedIn, rerun: RerunId, listing: TheChanges) -> ChangeList:
    """List what changes, submission by submission; also what could not be graded."""
    one_more = ChangeListing(
        listing.which, listing.after, (listing.limit or 0) + 1, listing.student
    )
    found = list_changes(access.service, access.identity, rerun, one_more)
    shown = found[: listing.limit]
    more = str(shown[-1].row.submission_id) if len(found) > len(shown) else None
    return ChangeList(items=[change_model(each) for each in shown], next=more)


@router.get("/reruns/{rerun}/changes.csv", response_class=Response, responses=_CSV)
def changes_as_csv(access: SignedIn, rerun: RerunId, which: Which = Which.CHANGED) -> Response:
    """Read what changes as a table, a line for each case."""
    found = list_changes(access.service, access.identity, rerun, ChangeListing(which))
    return csv_file(changes_csv(found), f"rerun-{rerun}.csv")


@router.get("/reruns/{rerun}/junit.xml", response_class=Response, responses=_XML)
def junit(access: SignedIn, rerun: RerunId) -> Response:
    """Read the rerun as JUnit's XML: what changes has failed."""
    found = list_changes(access.service, access.identity, rerun, ChangeListing(Which.ALL))
    about = read_rerun(access.service, access.identity, rerun)
    return Response(changes_junit(about, found), media_type="application/xml")


@router.post("/reruns/{rerun}/apply", responses=_ACTS)
def apply(access: SignedIn, rerun: RerunId, request: ApplyRequest | None = None) -> RerunModel:
    """Move the scores, all at once; what came in meanwhile is never overwritten."""
    only = (request or ApplyRequest()).only
    apply_rerun(access.service, access.identity, rerun, only)
    return _resource(access, rerun)


@router.post("/reruns/{rerun}/undo", responses=_ACTS)
def undo(access: SignedIn, rerun: RerunId) -> RerunModel:
    """Move back what applying moved and what still stands."""
    undo_rerun(access.service, access.identity, rerun)
    return _resource(access, rerun)


@router.post("/reruns/{rerun}/discard", responses=_ACTS)
def discard(access: SignedIn, rerun: RerunId) -> RerunModel:
    """Leave all scores as they are."""
    return _acted(access, rerun, Action.DISCARD)


@router.post("/reruns/{rerun}/pause", responses=_ACTS)
def pause(access: SignedIn, rerun: RerunId) -> RerunModel:
    """Begin no further run of it for now."""
    return _acted(access, rerun, Action.PAUSE)


@router.post("/reruns/{rerun}/resume", responses=_ACTS)
def resume(access: SignedIn, rerun: RerunId) -> RerunModel:
    """Go on where it was paused."""
    return _acted(access, rerun, Action.RESUME)


@router.post("/reruns/{rerun}/cancel", responses=_ACTS)
def cancel(access: SignedIn, rerun: RerunId) -> RerunModel:
    """End it before all its runs have ended; no score moves."""
    return _acted(access, rerun, Action.CANCEL)


def _begun(access: Access, rerun: Rerun, response: Response) -> RerunModel:
    response.headers["Location"] = f"/api/v1/reruns/{rerun.id}"
    return _resource(access, rerun.id)


def _acted(access: Access, rerun_id: int, action: Action) -> RerunModel:
    act_on(access.service, access.identity, rerun_id, action)
    return _resource(access, rerun_id)


def _resource(access: Access, rerun_id: int) -> RerunModel:
    return proposal_model(read_proposal(access.service, access.identity, rerun_id))

"""The routes of submissions: hand in, list, read, and take results in others' formats."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    Depends,
    File,
    Form,
    Header,
    Query,
    Request,
    Response,
    UploadFile,
)
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from grader.domain.people import NAME_PATTERN
from grader.domain.runs import RunStatus
from grader.domain.submissions import SubmissionView
from grader.errors import NotFound
from grader.grading.formats.gradescope import results_json
from grader.grading.formats.junit import junit_xml
from grader.grading.formats.report import Report
from grader.web.access import Access, SignedIn, SignedInRoute
from grader.web.archives import archive_name, packed
from grader.web.badges import badge
from grader.web.gate import passed
from grader.web.models import (
    PROBLEM,
    SubmissionList,
    SubmissionModel,
    listed_submission_model,
    submission_model,
)
from grader.web.parameters import LARGEST_ID, Name, SubmissionId, ThePlace, read_parts
from grader.web.seats import Room
from grader.web.waiting import when_graded
from grader.workflow.retries import retry
from grader.workflow.service import Place
from grader.workflow.submissions import (
    Listing,
    list_submissions,
    read_file,
    read_files,
    read_submission,
)
from grader.workflow.uploads import Upload, submit

_REFUSALS: dict[int | str, dict[str, Any]] = dict.fromkeys(
    (400, 401, 403, 404, 413, 422, 429, 503), PROBLEM
)
_MISSES: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 404, 422), PROBLEM)
_RETRIES: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 403, 404, 409, 422, 503), PROBLEM)
_BADGE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}, **_MISSES}
_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}, **_MISSES}

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["submissions"])

_KEEP = "The attempt from which to take the files that are left out."
_COLLECTION = "/courses/{course}/assignments/{assignment}/submissions"


@dataclass(frozen=True)
class Sent:
    """An upload before its files are read, which may be on disk."""

    files: list[UploadFile]
    student: str | None
    keep_from: int | None
    idempotency_key: str | None


async def _sent(
    files: Annotated[
        list[UploadFile], File(min_length=1, description="One or more .py files, or one .zip.")
    ],
    student: Annotated[str | None, Form(pattern=NAME_PATTERN)] = None,
    keep_from: Annotated[int | None, Form(ge=1, le=LARGEST_ID, description=_KEEP)] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Sent:
    return Sent(files, student, keep_from, idempotency_key)


async def _listing(
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    student: Annotated[str | None, Query(pattern=NAME_PATTERN)] = None,
    status: RunStatus | None = None,
) -> Listing:
    return Listing(limit, cursor, student, status)


TheListing = Annotated[Listing, Depends(_listing)]
Wait = Annotated[float, Query(ge=0, le=30, description="Seconds to wait until it is graded.")]


@router.post(_COLLECTION, status_code=201, responses=_REFUSALS)
async def create(
    request: Request,
    access: SignedIn,
    place: ThePlace,
    sent: Annotated[Sent, Depends(_sent)],
    response: Response,
    wait: Wait = 0,
) -> SubmissionModel:
    """Hand in files; the answer is the submission, graded if `wait` was long enough."""
    view = await run_in_threadpool(_store, access, place, sent)
    if wait:
        passed(request)
        room: Room = request.app.state.waiting
        view = await when_graded(access.service, room, access.identity, view, wait)
    response.headers["Location"] = f"/api/v1/submissions/{view.submission.id}"
    return submission_model(view)


@router.get(_COLLECTION, responses=_MISSES)
def index(access: SignedIn, place: ThePlace, listing: TheListing) -> SubmissionList:
    """List submissions, the newest first: one's own, or for staff all.

    Cases come without `output`, which each submission alone tells.
    """
    one_more = replace(listing, limit=listing.limit + 1)
    views = list_submissions(access.service, access.identity, place, one_more)
    shown = views[: listing.limit]
    more = str(shown[-1].submission.id) if len(views) > listing.limit else None
    return SubmissionList(items=[listed_submission_model(view) for view in shown], next=more)


@router.get("/submissions/{submission}", responses=_MISSES)
def read(access: SignedIn, submission: SubmissionId) -> SubmissionModel:
    """Read a submission."""
    return submission_model(read_submission(access.service, access.identity, submission))


@router.get(
    "/submissions/{submission}/files/{name}", response_class=PlainTextResponse, responses=_MISSES
)
def file(access: SignedIn, submission: SubmissionId, name: Name) -> Response:
    """Read a submitted file, byte by byte as it was sent."""
    content = read_file(access.service, access.identity, submission, name)
    # A student's bytes: shown as text and saved as a file, never run as a page.
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type="text/plain; charset=utf-8")


@router.get("/submissions/{submission}/files.zip", response_class=Response, responses=_ZIP)
def files(access: SignedIn, submission: SubmissionId) -> Response:
    """Read all submitted files in one zip, which `grader grade` takes as it is."""
    content = packed(read_files(access.service, access.identity, submission))
    headers = {"Content-Disposition": f'attachment; filename="{archive_name(submission)}"'}
    return Response(content, headers=headers, media_type="application/zip")


@router.post("/submissions/{submission}/retry", status_code=202, responses=_RETRIES)
def try_again(access: SignedIn, submission: SubmissionId) -> SubmissionModel:
    """Queue the failed run of a submission again, when its cause is mended; for staff."""
    return submission_model(retry(access.service, access.identity, submission))


@router.get("/submissions/{submission}/badge.svg", response_class=Response, responses=_BADGE)
def badge_of(access: SignedIn, submission: SubmissionId) -> Response:
    """Show how a submission stands as a badge; of cases that are shown later it says nothing."""
    view = read_submission(access.service, access.identity, submission)
    return Response(badge(view), media_type="image/svg+xml")


@router.get("/submissions/{submission}/results.json", responses=_MISSES)
def gradescope(access: SignedIn, submission: SubmissionId) -> Response:
    """Read the result in Gradescope's format."""
    report = _report(read_submission(access.service, access.identity, submission))
    return Response(results_json(report), media_type="application/json")


@router.get("/submissions/{submission}/junit.xml", responses=_MISSES)
def junit(access: SignedIn, submission: SubmissionId) -> Response:
    """Read the result as JUnit's XML."""
    report = _report(read_submission(access.service, access.identity, submission))
    return Response(junit_xml([report]), media_type="application/xml")


def _report(view: SubmissionView) -> Report:
    submission, run = view.submission, view.submission.run
    if run.status is not RunStatus.GRADED:
        raise NotFound(f"There is no result yet: the run is {run.status}.")
    name = f"{submission.assignment} {submission.student} attempt {submission.attempt}"
    return Report(name, run.cases, run.seconds or 0.0, run.notes, submission.created_at)


def _store(access: Access, place: Place, sent: Sent) -> SubmissionView:
    parts = read_parts(sent.files)
    upload = Upload(parts, sent.student, sent.idempotency_key, sent.keep_from)
    return submit(access.service, access.identity, place, upload)

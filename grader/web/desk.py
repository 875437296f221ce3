"""The routes of a class, for staff: its gradebook, also as files, and its statistics."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from grader.domain.gradebook import CASE_PREFIX, Column, Gradebook, Order, Show, Wanted
from grader.grading.formats.gradebook import canvas_csv, gradebook_csv
from grader.web.access import Access, SignedIn, SignedInRoute
from grader.web.desk_models import (
    GradebookModel,
    StatisticsModel,
    statistics_model,
    student_model,
)
from grader.web.downloads import csv_file
from grader.web.models import PROBLEM
from grader.web.parameters import LARGEST_ID, ThePlace
from grader.workflow.gradebook import Request, read_gradebook
from grader.workflow.service import Place
from grader.workflow.statistics import read_statistics

_MISSES: dict[int | str, dict[str, Any]] = dict.fromkeys((401, 403, 404, 422), PROBLEM)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}, **_MISSES}
_ORDERS = f"^-?({'|'.join(Column)}|{CASE_PREFIX}.+)$"
_SORT = f"{', '.join(Column)} or {CASE_PREFIX}NAME; a minus before it turns the order round."
_BASE = "/courses/{course}/assignments/{assignment}"

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["class"])


def _request(
    q: Annotated[str, Query(max_length=100, description="A part of the name.")] = "",
    show: Show | None = None,
    case: Annotated[str, Query(max_length=200, description="Who lost this case.")] = "",
    mistake: Annotated[str, Query(max_length=20, description="And by this mistake.")] = "",
    sort: Annotated[str, Query(pattern=_ORDERS, max_length=210, description=_SORT)] = "student",
) -> Request:
    order = Order(sort.removeprefix("-"), descending=sort.startswith("-"))
    return Request(Wanted(q, show, case, mistake), order)


TheRequest = Annotated[Request, Depends(_request)]


@router.get(f"{_BASE}/gradebook", responses=_MISSES)
def gradebook(
    access: SignedIn,
    place: ThePlace,
    request: TheRequest,
    cursor: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> GradebookModel:
    """List how students stand: what counts, what they did, and the points of each case."""
    book = _read(access, place, replace(request, offset=cursor, limit=limit))
    end = cursor + len(book.rows)
    return GradebookModel(
        items=[student_model(book, row) for row in book.rows],
        next=str(end) if book.rows and end < book.total else None,
        total=book.total,
    )


@router.get(f"{_BASE}/gradebook.csv", response_class=Response, responses=_CSV)
def gradebook_as_csv(access: SignedIn, place: ThePlace, request: TheRequest) -> Response:
    """Read the gradebook as a table, a line for each student."""
    return _file(gradebook_csv(_read(access, place, request)), place, "csv")


@router.get(f"{_BASE}/gradebook.canvas.csv", response_class=Response, responses=_CSV)
def gradebook_for_canvas(access: SignedIn, place: ThePlace, request: TheRequest) -> Response:
    """Read the scores as Canvas imports them."""
    return _file(canvas_csv(_read(access, place, request)), place, "canvas.csv")


@router.get(f"{_BASE}/statistics", responses=_MISSES)
def statistics(access: SignedIn, place: ThePlace) -> StatisticsModel:
    """Tell how the class stands: scores, each case with its commonest mistakes, and the queue."""
    return statistics_model(read_statistics(access.service, access.identity, place))


def _read(access: Access, place: Place, request: Request) -> Gradebook:
    return read_gradebook(access.service, access.identity, place, request)


def _file(text: str, place: Place, kind: str) -> Response:
    return csv_file(text, f"{place.course}-{place.assignment}.{kind}")

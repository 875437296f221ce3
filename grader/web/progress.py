"""The route of a submission's events: place in the queue, cases as they are judged, the result."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from grader.web.access import SignedIn, SignedInRoute
from grader.web.events import Ended, EventStream, Judged, News, Queued, Running
from grader.web.models import (
    PROBLEM,
    RunningModel,
    case_model,
    queued_model,
    submission_model,
)
from grader.web.parameters import SubmissionId
from grader.workflow.progress import Followed, follow

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "The present state, then each change, until the run has ended.",
    },
    **dict.fromkeys((401, 404, 422, 429, 503), PROBLEM),
}

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["submissions"])


def _followed(access: SignedIn, submission: SubmissionId) -> Followed:
    return follow(access.service, access.identity, submission)


@router.get(
    "/submissions/{submission}/events", response_class=StreamingResponse, responses=_RESPONSES
)
async def events(
    access: SignedIn, followed: Annotated[Followed, Depends(_followed)]
) -> EventStream:
    """Follow a run: `queued`, `running`, `case`, then `graded`, `failed` or `cancelled`.

    A stream begins with the present state, so a client that comes again misses nothing. `queued`
    has `place`, `of` and `expected_seconds`; `case` is a case of the submission's; the last event
    is the submission.
    """
    return EventStream(access.service, followed, _event)


def _event(news: News) -> tuple[str, str]:
    name, model = _named(news)
    return name, model.model_dump_json()


def _named(news: News) -> tuple[str, BaseModel]:
    match news:
        case Queued(place):
            return "queued", queued_model(place)
        case Running(tries):
            return "running", RunningModel(tries=tries)
        case Judged(case):
            return "case", case_model(case)
        case Ended(view):
            return view.submission.run.status, submission_model(view)

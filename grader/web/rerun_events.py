"""The route of a rerun's events: its progress, each change as its run ends, and the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from grader.errors import StorageUnavailable
from grader.web.access import SignedIn, SignedInRoute
from grader.web.events import HEARTBEAT_SECONDS, Event, SeatedStream
from grader.web.models import PROBLEM
from grader.web.rerun_models import change_model, proposal_model, rerun_model
from grader.web.reruns import RerunId
from grader.workflow.rerun_news import (
    Changed,
    Progressed,
    RerunFollower,
    RerunNews,
    RerunOver,
)
from grader.workflow.service import Service

_LOOK_AGAIN_SECONDS = 1.0  # a look reads all of the rerun

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "The present state, then each change, until nothing more will be graded.",
    },
    **dict.fromkeys((401, 404, 422, 429, 503), PROBLEM),
}

router = APIRouter(prefix="/api/v1", route_class=SignedInRoute, tags=["reruns"])


def _follower(access: SignedIn, rerun: RerunId) -> RerunFollower:
    return RerunFollower(access.service, access.identity, rerun)


@router.get("/reruns/{rerun}/events", response_class=StreamingResponse, responses=_RESPONSES)
async def events(
    access: SignedIn, follower: Annotated[RerunFollower, Depends(_follower)]
) -> SeatedStream:
    """Follow a rerun: `progress` and `change`, then `ready`, `applied`, `cancelled` or another end.

    A stream begins with all changes so far, so a client that comes again misses nothing; the last
    event is the rerun with what it changes in numbers.
    """
    return SeatedStream(_events(access.service, follower), access.identity.person_id)


async def _events(service: Service, follower: RerunFollower) -> AsyncIterator[Event]:
    loop = asyncio.get_running_loop()
    silent_since = loop.time()
    while not service.board.closed:
        with suppress(StorageUnavailable):  # it may be back the next time
            for news in await run_in_threadpool(lambda: list(follower.look())):
                silent_since = loop.time()
                yield _event(news)
                if isinstance(news, RerunOver):
                    return
        if loop.time() - silent_since >= HEARTBEAT_SECONDS:
            silent_since = loop.time()
            yield None
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def _event(news: RerunNews) -> tuple[str, str]:
    name, model = _named(news)
    return name, model.model_dump_json()


def _named(news: RerunNews) -> tuple[str, BaseModel]:
    match news:
        case Progressed(rerun):
            return "progress", rerun_model(rerun)
        case Changed(change):
            return "change", change_model(change)
        case RerunOver(proposal):
            return proposal.rerun.state, proposal_model(proposal)

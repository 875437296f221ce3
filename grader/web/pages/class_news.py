"""The overview as it changes: each part of its page, sent when it says something else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from grader.errors import StorageUnavailable
from grader.web.events import HEARTBEAT_SECONDS, Event, SeatedStream
from grader.web.pages.access import PageAccess, SignedInPage, SignedInPageRoute
from grader.web.pages.overview import PARTS, Overviews
from grader.web.parameters import ThePlace
from grader.workflow.service import Place
from grader.workflow.statistics import read_mark

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_LOOK_AGAIN_SECONDS = 5.0  # what another process did may be unheard
_LEAST_PAUSE_SECONDS = 0.25  # between two looks: where a whole class hands in, it is told in steps
_PAUSE_FOR_LOOK = 5  # times as long as the look took, which is longer for a large class


class _Follower:
    """Looks at a class again and again, and tells each part when it is another than before."""

    def __init__(self, overviews: Overviews, access: PageAccess, place: Place, mark: str) -> None:
        self._overviews, self._access, self._place = overviews, access, place
        self._mark = mark
        self._told = overviews.parts(place, mark)

    def look(self) -> list[tuple[str, str]]:
        """Return the parts that changed, as events."""
        if read_mark(self._access.service, self._access.identity, self._place) == self._mark:
            return []
        self._mark, parts = self._overviews.look(self._access, self._place)
        changed = [(name, parts[name]) for name in PARTS if parts[name] != self._told.get(name)]
        self._told = parts
        return changed


def _stream(
    request: Request,
    access: SignedInPage,
    place: ThePlace,
    since: Annotated[str, Query(max_length=200)] = "",
) -> SeatedStream:
    read_mark(access.service, access.identity, place)  # refuses before anything is sent
    follower = _Follower(request.app.state.overviews, access, place, since)
    return SeatedStream(_news(access, follower), access.identity.person_id)


@router.get("/courses/{course}/assignments/{assignment}/events")
async def events(stream: Annotated[SeatedStream, Depends(_stream)]) -> SeatedStream:
    """Send each part of the overview that changes; of the state `since` nothing is sent again."""
    return stream


async def _news(access: PageAccess, follower: _Follower) -> AsyncIterator[Event]:
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    silent_since = loop.time()
    board = access.service.board

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    with board.watching(wake):
        while not board.closed:
            woken.clear()
            began = loop.time()
            with suppress(StorageUnavailable):  # it may be back the next time
                for event in await run_in_threadpool(follower.look):
                    silent_since = loop.time()
                    yield event
            pause = max(_LEAST_PAUSE_SECONDS, _PAUSE_FOR_LOOK * (loop.time() - began))
            if loop.time() - silent_since >= HEARTBEAT_SECONDS:
                silent_since = loop.time()
                yield None
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), _LOOK_AGAIN_SECONDS)
            await asyncio.sleep(max(0.0, began + pause - loop.time()))

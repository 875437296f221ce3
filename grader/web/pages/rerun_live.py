"""How far a rerun is, as the part of its page that changes while it is under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from starlette.concurrency import run_in_threadpool

from grader.domain.reruns import Moves, RerunProgress, RerunState
from grader.errors import StorageUnavailable
from grader.web.events import HEARTBEAT_SECONDS, Event, SeatedStream
from grader.web.pages.access import PageAccess, SignedInPage
from grader.web.pages.moments import Moment, course_clock, how_long
from grader.web.pages.rendering import part
from grader.web.pages.rerun_found import TheRerun
from grader.web.pages.rerun_sentences import several
from grader.workflow.rerun_changes import assignment_of
from grader.workflow.rerun_reviews import SoFar, read_so_far
from grader.workflow.service import Service, now

_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class ProgressOnPage:
    """How far a rerun is; `left` and `end` say when it should be done, where that is known."""

    state: RerunState
    progress: RerunProgress
    moves: Moves
    left: str = ""
    end: Moment | None = None


def progress_of(service: Service, so_far: SoFar) -> ProgressOnPage:
    """Return how far a rerun is as its page shows it."""
    rerun = so_far.rerun
    seconds = rerun.progress.expected_seconds
    if seconds is None:
        return ProgressOnPage(rerun.state, rerun.progress, so_far.moves)
    moment = now()
    clock = course_clock(assignment_of(service, rerun), moment)
    end = clock.moment(moment + timedelta(seconds=seconds))
    return ProgressOnPage(rerun.state, rerun.progress, so_far.moves, how_long(seconds), end)


def follow(access: SignedInPage, rerun: TheRerun, state: RerunState) -> SeatedStream:
    """Return the events for a page that shows a rerun in a state."""
    return SeatedStream(_events(access, rerun.id, state), access.identity.person_id)


async def _events(access: PageAccess, rerun_id: int, shown: RerunState) -> AsyncIterator[Event]:
    loop = asyncio.get_running_loop()
    said, silent_since = "", loop.time()
    while not access.service.board.closed:
        with suppress(StorageUnavailable):  # it may be back the next time
            found = await run_in_threadpool(_look, access, rerun_id)
            if found.state is not shown:
                yield "turned", "turned"  # an event without data is none to a browser
                return
            progress = part("_rerun_progress.html", so_far=found, several=several)
            if progress != said:
                said, silent_since = progress, loop.time()
                yield "progress", progress
        if loop.time() - silent_since >= HEARTBEAT_SECONDS:
            silent_since = loop.time()
            yield None
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def _look(access: PageAccess, rerun_id: int) -> ProgressOnPage:
    return progress_of(access.service, read_so_far(access.service, access.identity, rerun_id))

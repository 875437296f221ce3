"""Waiting for a run to end: hundreds may, and cost nearly nothing while they do.

Coroutines, like the streams of events: a thread each would soon be all that there are, and those
who look every second by themselves would keep a busy service from what they wait for.
"""

import asyncio
import logging
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from grader.domain.people import Identity
from grader.domain.submissions import SubmissionView
from grader.errors import StorageUnavailable
from grader.web.seats import NoRoom, NoRoomForOne, Room
from grader.workflow.progress import is_under_way, tell_of_ends
from grader.workflow.service import Service
from grader.workflow.submissions import read_submission

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0  # between looks at what ended in another process, unheard
_MOST_WAITING = 1024
_MOST_OF_ONE = 8


def new_waiting_room() -> Room:
    """Return the room for those who wait for their result, of an application."""
    return Room(_MOST_WAITING, _MOST_OF_ONE)


async def when_graded(
    service: Service, room: Room, identity: Identity, view: SubmissionView, seconds: float
) -> SubmissionView:
    """Return a submission as it is when its run has ended, or after `seconds`.

    It is returned as it was where there is no room to wait, or no database to ask any more.
    """
    try:
        seat = room.take(identity.person_id)
    except (NoRoom, NoRoomForOne):
        return view
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await _until_ended(service, view.submission.run.id)
        return await run_in_threadpool(read_submission, service, identity, view.submission.id)
    except StorageUnavailable as error:
        log.warning("upload answered as it was stored", exc_info=error)
        return view
    finally:
        seat.leave()


async def look_for_others(service: Service) -> None:
    """Look every second, once for all who wait, what ended in another process."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await run_in_threadpool(tell_of_ends, service)
        except StorageUnavailable:  # it may be back the next time
            log.debug("no look at what ended elsewhere")
        except Exception:  # the outermost loop of a task: its end would be the application's
            log.critical("no look at what ended elsewhere: an error of ours", exc_info=True)


async def _until_ended(service: Service, run_id: int) -> None:
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    with service.board.following(run_id, wake):
        while not service.board.closed:
            woken.clear()
            # A slot of ours that is at the run will tell of its end: there is nothing to look for.
            here = service.board.is_at(run_id)
            if not here and not await run_in_threadpool(is_under_way, service, run_id):
                return
            await woken.wait()

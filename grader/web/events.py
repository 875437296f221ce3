"""Server-sent events: what becomes of a run, told as it happens to whoever may know.

The one place of coroutines: a stream that waits in a thread of its own would hold it for minutes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import anyio
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from grader.domain.progress import QueuePlace
from grader.domain.submissions import SubmissionView
from grader.domain.verdicts import CaseResult
from grader.errors import Overloaded, StorageUnavailable, TooOften
from grader.web.seats import NoRoom, NoRoomForOne, Room, Seat
from grader.workflow.progress import Followed, Progress, progress
from grader.workflow.service import Service

_LOOK_AGAIN_SECONDS = 0.5  # the queue moves, and a run may be another process's, unheard
_PAUSE_SECONDS = 0.05  # a case takes 5 ms: told in twos and threes, they cost fewer looks
HEARTBEAT_SECONDS = 15.0  # proxies close what is silent for a minute
_LONGEST_SECONDS = 600.0  # then the client comes again, and is asked again who it is
_RETRY_MILLISECONDS = 2000
_MOST_STREAMS = 256
_MOST_OF_ONE = 16  # tabs of one person
_RETRY_SECONDS = 30


@dataclass(frozen=True)
class Queued:
    """The run waits."""

    place: QueuePlace


@dataclass(frozen=True)
class Running:
    """A try at the run began; what earlier tries judged no longer holds."""

    tries: int


@dataclass(frozen=True)
class Judged:
    """A case was judged."""

    case: CaseResult


@dataclass(frozen=True)
class Ended:
    """Nothing more will come."""

    view: SubmissionView


News = Queued | Running | Judged | Ended
Event = tuple[str, str] | None
"""An event's name and data; None only keeps the stream alive."""

Render = Callable[[News], tuple[str, str]]
"""Makes an event's name and data of news."""


def new_stream_room() -> Room:
    """Return the room for the streams of an application."""
    return Room(_MOST_STREAMS, _MOST_OF_ONE)


async def news_of(service: Service, followed: Followed) -> AsyncIterator[News | None]:
    """Give the present state of a run, then its news until it has ended or the service stops.

    Gives None where there was no news for some time.
    """
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    told = _Told()
    silent_since = loop.time()
    with service.board.following(followed.run_id, wake, each_case=True):
        while not service.board.closed:
            woken.clear()
            with suppress(StorageUnavailable):  # it may be back the next time
                found = await run_in_threadpool(progress, service, followed)
                for news in told.news(found):
                    silent_since = loop.time()
                    yield news
                if found.view is not None:
                    return
            if loop.time() - silent_since >= HEARTBEAT_SECONDS:
                silent_since = loop.time()
                yield None
            await asyncio.sleep(_PAUSE_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), _LOOK_AGAIN_SECONDS)


class _Told:
    """What a stream has said so far."""

    def __init__(self) -> None:
        self._place: tuple[int, int] | None = None
        self._tries = -1
        self._cases: set[str] = set()

    def news(self, found: Progress) -> Iterator[News]:
        """Give what is new in `found`."""
        standing = found.standing
        if standing.place is not None:
            place = (standing.place.ahead, standing.place.waiting)
            if place != self._place:
                self._place, self._tries = place, -1
                yield Queued(standing.place)
            return
        if standing.tries != self._tries:
            self._place, self._tries = None, standing.tries
            self._cases.clear()
            if not standing.status.over:
                yield Running(standing.tries)
        for case in found.cases:
            if case.name not in self._cases:
                self._cases.add(case.name)
                yield Judged(case)
        if found.view is not None:
            yield Ended(found.view)


class SeatedStream(StreamingResponse):
    """A stream of events to a person, who takes one of the seats for it."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[Event], person: int) -> None:
        headers = {"X-Accel-Buffering": "no"}  # nginx would keep events back to send many at once
        super().__init__(_encoded(events), headers=headers)
        self._person = person

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until there are no more, or for as long as a stream may last.

        Raises:
            Overloaded: all seats are taken.
            TooOften: this person has taken as many as one may.
        """
        seat = _seat(scope["app"].state.stream_room, self._person)
        try:
            with anyio.move_on_after(_LONGEST_SECONDS):
                await super().__call__(scope, receive, send)
        finally:
            seat.leave()


class EventStream(SeatedStream):
    """A stream of a run's news, each made an event by `render`."""

    def __init__(self, service: Service, followed: Followed, render: Render) -> None:
        events = _rendered(news_of(service, followed), render)
        super().__init__(events, followed.identity.person_id)


async def _rendered(news: AsyncIterator[News | None], render: Render) -> AsyncIterator[Event]:
    async for each in news:
        yield None if each is None else render(each)


async def _encoded(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=_RETRY_MILLISECONDS)
    async for event in events:
        if event is None:
            yield format_sse_event(comment="still here")
        else:
            name, data = event
            yield format_sse_event(event=name, data_str=data)


def _seat(room: Room, person: int) -> Seat:
    try:
        return room.take(person)
    except NoRoomForOne:
        message = f"You follow {_MOST_OF_ONE} runs already: close some, or ask for the submission."
        raise TooOften("too_many_streams", message, _RETRY_SECONDS) from None
    except NoRoom:
        message = "Too many follow their runs now: ask for the submission instead."
        raise Overloaded(message, _RETRY_SECONDS) from None

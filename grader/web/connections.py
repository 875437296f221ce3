"""Connections: as many as there are descriptors for, and none kept that says nothing."""

import asyncio
import math
import resource
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_MOST = 4096  # each may keep a small body, 64 KiB and what came with it, in memory
_SPARE = 256  # descriptors for all else: the database, children, what is being stored
_TOLD = 64  # connections beyond the limit that are still told so, before the next are dropped


class PatientProtocol(H11Protocol):
    """HTTP that waits for the whole header of a request for some seconds, and no longer.

    The server's own patience begins after the first request, and each byte renews it.
    """

    patience = 20.0

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401  # as the server gives them
        super().__init__(*args, **more)
        self._timer: asyncio.TimerHandle | None = None
        self._unread = math.inf  # bytes of the answer, when last looked at

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()
        if self.limit_concurrency and len(self.connections) > self.limit_concurrency + _TOLD:
            transport.abort()

    def handle_events(self) -> None:
        """Read on, and wait no more where that began a request."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, unless it has come already."""
        self._unread = math.inf
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._wait_no_more()
        self._timer = self.loop.call_later(self.patience, self._waited)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _waited(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if 0 < unread < self._unread:  # a slow line, but somebody reads
            self._unread = unread
            self._wait()
        else:
            self.transport.abort()


def most_connections() -> int:
    """Allow this process all the descriptors that it may have, and return how many to serve."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY:
        return _MOST
    return max(1, min(_MOST, hard - _SPARE))

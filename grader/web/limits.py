"""Refuses a request body that is too large or too slow while it arrives, not when it is whole."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.domain.zips import MAX_ZIP_BYTES

# What a multipart body adds to the largest zip: boundaries, headers and the other fields.
MAX_BODY_BYTES = MAX_ZIP_BYTES + (1 << 20)
# Of a body without files. It is held in memory as it is read, and nobody takes a seat for it.
MAX_OTHER_BYTES = 64 << 10
_TOO_LARGE = "The upload is larger than 64 MiB: leave data, models and environments out."
_NO_FILES = (
    "Only files may be larger than 64 KiB, and come as a form (multipart/form-data): with curl, "
    "-F files=@loss.py, once for each file, or -F files=@homework.zip."
)
_TOO_SLOW = "The upload came too slowly: try again on a better line, or send less."
_PATIENCE_SECONDS = 20.0
_SLOWEST = 32 << 10  # bytes a second, in the long run: an old phone line's
_LONGEST_SECONDS = 120  # for a large one, which takes others' room as long as it comes

# The rest of the body stays unread, so the connection cannot be used again.
_CLOSE = {"Connection": "close"}
# What is left of a small form is passed over: closing at once could take the answer with it.
_GO_ON: dict[str, str] = {}


class BodyLimit:
    """Counts what arrives; the declared length is only the first to be believed."""

    def __init__(
        self, app: ASGIApp, most: int = MAX_BODY_BYTES, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self._app = app
        self._most = most
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, whose body can be read neither beyond the limit nor for ever."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        size = _Size(self._most, _TOO_LARGE, _CLOSE)
        if not is_upload(scope):
            size = _Size(min(self._most, MAX_OTHER_BYTES), _NO_FILES, _GO_ON)
        body = _Body(receive, size, self._patience, declared_bytes(scope))
        await self._app(scope, body.receive, send)


@dataclass(frozen=True)
class _Size:
    most: int  # bytes
    beyond: str  # what who sends more is told
    headers: dict[str, str]

    def refusal(self) -> HTTPException:
        return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self.beyond, self.headers)


class _Body:
    def __init__(self, receive: Receive, size: _Size, patience: float, declared: int) -> None:
        self._receive = receive
        self._size = size
        self._patience = patience
        self._declared = declared
        self._slowest = max(_SLOWEST, (declared or size.most) / _LONGEST_SECONDS)
        self._arrived = 0
        self._waited = 0.0
        self._whole = False

    async def receive(self) -> Message:
        """Return the next part of the body, and after the last what else there is to hear."""
        if self._whole:
            return await self._receive()
        if self._declared > self._size.most:
            raise self._size.refusal()
        message = await self._in_time()
        self._arrived += len(message.get("body", b""))
        if self._arrived > self._size.most:
            raise self._size.refusal()
        self._whole = not message.get("more_body", False)
        return message

    async def _in_time(self) -> Message:
        # Only waiting for the sender counts: what we do between is no fault of theirs.
        loop = asyncio.get_running_loop()
        started = loop.time()
        left = self._patience + self._arrived / self._slowest - self._waited
        try:
            return await asyncio.wait_for(self._receive(), left)
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, _TOO_SLOW, _CLOSE) from None
        finally:
            self._waited += loop.time() - started


def declared_bytes(scope: Scope) -> int:
    """Return the length that a request declares for its body, 0 where it declares none."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def is_upload(scope: Scope) -> bool:
    """Return whether a request sends a form with files."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    return scope["method"] == "POST" and any(b"multipart/" in kind.lower() for kind in kinds)

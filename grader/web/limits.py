"""Refuses a request body that is too large while it arrives, before it is read whole."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.domain.zips import MAX_ZIP_BYTES

# What a multipart body adds to the largest zip: boundaries, headers and the other fields.
MAX_BODY_BYTES = MAX_ZIP_BYTES + (1 << 20)
_DETAIL = "The upload is larger than 64 MiB: leave data, models and environments out."


class BodyLimit:
    """Counts what arrives; the declared length is only the first to be believed."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, whose body cannot be read beyond the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        arrived = 0
        declared = _declared(scope)

        async def counted() -> Message:
            nonlocal arrived
            if declared > self._most:
                raise _too_large()
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._most:
                raise _too_large()
            return message

        await self._app(scope, counted, send)


def _too_large() -> HTTPException:
    # The rest of the body stays unread, so the connection cannot be used again.
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return HTTPException(status, _DETAIL, {"Connection": "close"})


def _declared(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0

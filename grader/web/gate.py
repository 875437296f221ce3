"""How many uploads are taken at once: what is being read costs memory, and disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import Request

from grader.domain.people import Identity
from grader.errors import Overloaded, TooOften
from grader.web.limits import MAX_BODY_BYTES, declared_bytes, is_upload
from grader.web.seats import NoRoom, NoRoomForOne, Room, Seat

_LEAST = 2 << 20  # bytes that an upload counts for at least: so 64 small ones at once
_SMALL = 8 << 20
_RETRY_SECONDS = 2


@dataclass(frozen=True)
class UploadRooms:
    """The rooms for the uploads of an application, in bytes.

    Large ones have a room of their own: four people who send some would keep all others out.
    """

    small: Room = field(default_factory=lambda: Room(most=128 << 20, most_of_one=_SMALL))
    large: Room = field(
        default_factory=lambda: Room(most=2 * MAX_BODY_BYTES, most_of_one=MAX_BODY_BYTES)
    )


@contextmanager
def passing(request: Request, identity: Identity) -> Iterator[None]:
    """Let an upload in before its body is read; what is no upload passes.

    Raises:
        TooOften: this person is sending as many already as one may.
        Overloaded: there is no room for it now.
    """
    if not is_upload(request.scope):
        yield
        return
    seat = _seat(request, identity)
    request.state.upload_seat = seat
    try:
        yield
    finally:
        seat.leave()


def passed(request: Request) -> None:
    """Make room for other uploads: this one is stored, and only its answer is waited for."""
    seat: Seat = request.state.upload_seat
    seat.leave()


def _seat(request: Request, identity: Identity) -> Seat:
    rooms: UploadRooms = request.app.state.upload_rooms
    size = min(declared_bytes(request.scope) or MAX_BODY_BYTES, MAX_BODY_BYTES)
    room = rooms.small if size <= _SMALL else rooms.large
    try:
        return room.take(identity.person_id, max(size, _LEAST))
    except NoRoomForOne:
        message = "You are sending several uploads at once: wait until they are in."
        raise TooOften("too_many_uploads", message, _RETRY_SECONDS) from None
    except NoRoom:
        message = "Many hand in at this moment: send it again in a few seconds."
        raise Overloaded(message, _RETRY_SECONDS) from None

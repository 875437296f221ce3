"""What goes over a run's channel: one order to the judge, and results to the slot as they come."""

import socket
import struct

import msgspec

from grader.domain.verdicts import CaseResult

_PREFIX = struct.Struct("<I")
_MOST = 64 << 20


class Order(msgspec.Struct, tag="order"):
    """What to grade."""

    files: dict[str, bytes]
    seed: int
    cases: tuple[str, ...] = ()


class Judged(msgspec.Struct, tag="judged"):
    """One case is done."""

    result: CaseResult


class Done(msgspec.Struct, tag="done"):
    """All cases of the order are done."""

    notes: tuple[str, ...]


class Broke(msgspec.Struct, tag="broke"):
    """Ours failed: the suite raised (`suite`), or a process of the sandbox was lost."""

    suite: bool
    message: str


Message = Order | Judged | Done | Broke

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


class ChannelClosed(Exception):
    """The other end is gone, or sent what is no message."""


class Channel:
    """Messages over a stream socket."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    def send(self, message: Message) -> None:
        """Send one message.

        Raises:
            ChannelClosed: nobody is there to take it.
        """
        data = _encoder.encode(message)
        try:
            self._stream.sendall(_PREFIX.pack(len(data)) + data)
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def receive(self) -> Message:
        """Return the next message.

        Raises:
            ChannelClosed: there will be none.
            TimeoutError: the stream's time limit passed.
        """
        (size,) = _PREFIX.unpack(self._exactly(_PREFIX.size))
        if size > _MOST:
            raise ChannelClosed(f"a message of {size} bytes")
        try:
            return _decoder.decode(self._exactly(size))
        except msgspec.DecodeError as error:
            raise ChannelClosed(str(error)) from error

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                data = self._stream.recv(size - len(parts))
            except TimeoutError:
                raise
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if not data:
                raise ChannelClosed("the other end is gone")
            parts += data
        return bytes(parts)

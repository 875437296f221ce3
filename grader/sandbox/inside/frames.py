"""Length-prefixed frames over a byte stream: a typed header of at most 64 KiB, then array bytes.

Requests go from judge to child, replies back; both are arrays on the wire with their tag first. A
reply carries the number of the request that it answers.
"""

import struct
from collections.abc import Callable
from typing import Any

import msgspec

from grader.sandbox.inside.values import MAX_PAYLOAD

MAX_HEADER = 64 << 10  # small objects amplify: a byte of header can cost 60 of memory
_PREFIX = struct.Struct("<II")


class BadFrame(Exception):
    """Bytes that are no frame; whoever sent them is not to be trusted further."""


class Setup(msgspec.Struct, tag="setup", array_like=True):
    """The first request: what can be imported. The students' bytes are its payload. No reply."""

    code: dict[str, bytes]  # module name -> marshalled code of the scaffold
    packages: list[str]
    files: dict[str, str]  # upload name -> module name
    present: list[str]  # upload names whose bytes follow as the payload's parts
    sizes: list[int]  # bytes of each part
    starter: dict[str, bytes]  # upload name -> marshalled code of the starter's file
    stubs: list[str]


class Begin(msgspec.Struct, tag="begin", array_like=True):
    """A case begins: reset what cases share. No reply."""

    seed: int
    output_bytes: int
    broken: list[str]  # upload names that are not to be imported
    anew: bool = False  # what was imported before is to be imported anew


class Replace(msgspec.Struct, tag="replace", array_like=True):
    """Give a file's module other contents: name in the module -> number of the stand-in class.

    No reply.
    """

    upload: str
    names: dict[str, int]


class StandIn(msgspec.Struct, tag="stand_in", array_like=True):
    """Make stand-in class `number` from the scaffold's `source` ("module:Class"). No reply.

    `methods` maps a method's name to the number of the function outside and the attributes it
    reads.
    """

    number: int
    source: str
    methods: dict[str, tuple[int, list[str]]]


class Import(msgspec.Struct, tag="import", array_like=True):
    """Import a file's module and keep it as an object."""

    id: int
    upload: str


class Call(msgspec.Struct, tag="call", array_like=True):
    """Call what `path` leads to from object `target`.

    Target 0 is the stand-in class that the first of `path` numbers.
    """

    id: int
    target: int
    path: list[str]
    arguments: Any  # nodes of (args, kwargs)


class Get(msgspec.Struct, tag="get", array_like=True):
    """Read what `path` leads to."""

    id: int
    target: int
    path: list[str]


class Set(msgspec.Struct, tag="set", array_like=True):
    """Set the attribute at the end of `path`."""

    id: int
    target: int
    path: list[str]
    value: Any


class End(msgspec.Struct, tag="end", array_like=True):
    """The case is over: forget its objects and stand-ins, answer with what it printed."""

    id: int


class Return(msgspec.Struct, tag="return", array_like=True):
    """The answer to a call-back from inside."""

    id: int
    value: Any
    changes: Any


class Throw(msgspec.Struct, tag="throw", array_like=True):
    """The function outside failed on what it was given; raise the like of it inside."""

    id: int
    error: str
    message: str


class Value(msgspec.Struct, tag="value", array_like=True):
    """What a request came to."""

    id: int
    value: Any


class Raised(msgspec.Struct, tag="raised", array_like=True):
    """An exception left the student's code.

    `frames` are (upload name, line, function), outermost first.
    """

    id: int
    kind: str  # "error", "memory", "unsayable" or "too_large"
    error: str
    message: str
    frames: list[tuple[str, int, str]]
    missing_module: str = ""


class Outside(msgspec.Struct, tag="outside", array_like=True):
    """Student code calls function `function` outside."""

    id: int
    function: int
    state: Any
    arguments: Any


class Importing(msgspec.Struct, tag="importing", array_like=True):
    """A sibling's code begins to run or, when `done`, has ended: so a hang is laid at its door."""

    upload: str
    done: bool


class Ended(msgspec.Struct, tag="ended", array_like=True):
    """A case's output (UTF-8, in the payload) and notes.

    `stubs` are (upload name, line, stub) for each stub imported.
    """

    id: int
    truncated: bool
    stubs: list[tuple[str, int, str]]
    replaced: list[tuple[str, str]]  # upload name, why a sibling got a replacement


Request = Setup | Begin | Replace | StandIn | Import | Call | Get | Set | End | Return | Throw
Reply = Value | Raised | Outside | Importing | Ended

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def pack(message: Request | Reply, buffers: list[bytes], most: int = MAX_HEADER) -> bytes:
    """Return the bytes of one frame.

    Raises:
        BadFrame: the header would be longer than `most` bytes.
    """
    header = _encoder.encode(message)
    if len(header) > most:
        raise BadFrame(f"a header of {len(header)} bytes is too large to send")
    size = sum(map(len, buffers))
    return b"".join([_PREFIX.pack(len(header), size), header, *buffers])


def read_request(read: Callable[[int], bytes]) -> tuple[Request, memoryview]:
    """Read one frame from the judge, whom the child trusts; its set-up may be large."""
    header, payload = _read(read, 64 << 20, 64 << 20)
    return _requests.decode(header), payload


def read_reply(read: Callable[[int], bytes]) -> tuple[Reply, memoryview]:
    """Read one frame from a child, whom nobody trusts.

    Raises:
        BadFrame: it is too large, or not one of the replies.
    """
    header, payload = _read(read, MAX_HEADER, MAX_PAYLOAD + MAX_HEADER)
    try:
        return _replies.decode(header), payload
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(f"not a reply: {error}") from None


def _read(
    read: Callable[[int], bytes], most_header: int, most_payload: int
) -> tuple[bytes, memoryview]:
    header_size, payload_size = _PREFIX.unpack(read(_PREFIX.size))
    if header_size > most_header or payload_size > most_payload:
        raise BadFrame(f"a frame of {header_size} and {payload_size} bytes is too large")
    header = read(header_size)
    return header, memoryview(read(payload_size) if payload_size else b"")

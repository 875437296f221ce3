"""Frames: what comes from a child is a reply or nothing."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.inside import frames
from grader.sandbox.inside.values import MAX_PAYLOAD


class Ended(Exception):
    """There are no more bytes."""


def reader(data: bytes) -> Callable[[int], bytes]:
    rest = data

    def read(size: int) -> bytes:
        nonlocal rest
        if len(rest) < size:
            raise Ended
        taken, rest = rest[:size], rest[size:]
        return taken

    return read


def frame(header: bytes, payload: bytes = b"") -> bytes:
    sizes = len(header).to_bytes(4, "little") + len(payload).to_bytes(4, "little")
    return sizes + header + payload


@pytest.mark.parametrize(
    "reply",
    [
        frames.Value(3, ["l", [1, None, 0.5]]),
        frames.Raised(3, "error", "ValueError", "no", [("answer.py", 2, "answer")], "torch"),
        frames.Outside(3, 9, ["d", []], ["t", []]),
        frames.Importing("answer.py", True),
        frames.Ended(3, False, [("answer.py", 1, "tkinter")], [("helper.py", "it is missing")]),
    ],
    ids=lambda reply: type(reply).__name__,
)
def test_reply_comes_back_alike(reply: frames.Reply) -> None:
    read, payload = frames.read_reply(reader(frames.pack(reply, [b"ab", b"c"])))

    assert read == reply
    assert bytes(payload) == b"abc"


@given(st.binary(max_size=300))
def test_garbage_is_no_frame(data: bytes) -> None:
    with pytest.raises((frames.BadFrame, Ended)):
        frames.read_reply(reader(data))


@given(st.binary(max_size=100), st.binary(max_size=10))
def test_garbage_in_a_frame_is_no_reply(header: bytes, payload: bytes) -> None:
    with pytest.raises(frames.BadFrame):
        frames.read_reply(reader(frame(header, payload)))


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(-5, 5), st.sampled_from(["value", "raised", "ended"])),
        lambda inner: st.lists(inner, max_size=6),
    )
)
def test_well_formed_header_of_another_form_is_no_reply_or_a_whole_one(message: object) -> None:
    data = frame(msgspec.msgpack.encode(message))

    try:
        reply, _payload = frames.read_reply(reader(data))
    except frames.BadFrame:
        return

    assert isinstance(reply, frames.Reply)


@pytest.mark.parametrize(
    "request_",
    [
        frames.Call(1, 0, ["x"], None),
        frames.Setup({}, [], {}, [], [], {}, []),
        frames.End(1),
    ],
    ids=lambda request: type(request).__name__,
)
def test_request_is_not_taken_for_a_reply(request_: frames.Request) -> None:
    with pytest.raises(frames.BadFrame):
        frames.read_reply(reader(frames.pack(request_, [])))


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        pytest.param(frames.MAX_HEADER + 1, 0, id="header"),
        pytest.param(10, MAX_PAYLOAD + frames.MAX_HEADER + 1, id="payload"),
        pytest.param((1 << 32) - 1, (1 << 32) - 1, id="both"),
    ],
)
def test_frame_that_is_too_large_is_refused_before_it_is_read(header: int, payload: int) -> None:
    prefix = header.to_bytes(4, "little") + payload.to_bytes(4, "little")

    with pytest.raises(frames.BadFrame, match="too large"):
        frames.read_reply(reader(prefix))


def test_reply_with_a_header_over_the_limit_is_not_packed() -> None:
    with pytest.raises(frames.BadFrame, match="too large to send"):
        frames.pack(frames.Value(1, "x" * frames.MAX_HEADER), [])


def test_header_nested_beyond_measure_is_refused() -> None:
    header = b"\x93\xa5value\x01" + b"\x91" * 60_000 + b"\xc0"

    with pytest.raises(frames.BadFrame):
        frames.read_reply(reader(frame(header)))

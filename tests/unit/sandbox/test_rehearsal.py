"""The conversation that a zygote has before it forks."""

import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from grader.sandbox.inside import frames, rehearsal
from grader.sandbox.inside.child import Stream


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    with np.errstate(), warnings.catch_warnings():
        yield


def test_rehearsal_leaves_modules_finders_and_streams_as_they_were() -> None:
    rehearsal.rehearse()  # the first one has NumPy load what it loads late
    before = set(sys.modules), list(sys.meta_path), sys.stdout, sys.stderr

    rehearsal.rehearse()

    assert (set(sys.modules), list(sys.meta_path), sys.stdout, sys.stderr) == before


def test_rehearsal_goes_through_all_that_a_case_does(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[frames.Reply] = []

    def write(self: Stream, data: bytes) -> None:
        rest = memoryview(data)

        def read(size: int) -> bytes:
            nonlocal rest
            taken, rest = rest[:size], rest[size:]
            return bytes(taken)

        said.append(frames.read_reply(read)[0])

    monkeypatch.setattr(rehearsal._Script, "write", write)

    rehearsal.rehearse()

    kinds = [type(reply) for reply in said]
    assert kinds.count(frames.Outside) == 1
    assert [reply.error for reply in said if isinstance(reply, frames.Raised)] == ["AttributeError"]
    assert kinds.count(frames.Value) == 7
    assert kinds[-1] is frames.Ended

"""The conversation that a zygote has before it forks."""

import sys
import warnings

import numpy as np
import pytest

from grader.sandbox.inside import frames, rehearsal
from grader.sandbox.inside.child import Stream


def settings() -> tuple[object, ...]:
    streams = sys.stdout, sys.stderr
    return set(sys.modules), list(sys.meta_path), streams, list(warnings.filters), np.geterr()


def test_rehearsal_leaves_modules_finders_streams_and_warnings_as_they_were() -> None:
    rehearsal.rehearse()  # the first one has NumPy load what it loads late
    with warnings.catch_warnings(action="error"), np.errstate(all="raise"):
        before = settings()

        rehearsal.rehearse()

        assert settings() == before


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

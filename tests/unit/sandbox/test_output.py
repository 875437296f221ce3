"""What a case prints: kept up to its limit, in whatever way it is printed."""

import sys
from collections.abc import Iterator

import pytest

from grader.sandbox.inside.output import Kept, Output


@pytest.fixture(autouse=True)
def _streams() -> Iterator[None]:
    before = sys.stdout, sys.stderr
    yield
    sys.stdout, sys.stderr = before


def test_both_streams_are_kept() -> None:
    output = Output(100)

    print("out")  # noqa: T201  (what is tested)
    print("err", file=sys.stderr)  # noqa: T201

    printed, more = output.take()
    assert sorted(printed.split()) == [b"err", b"out"]
    assert not more


def test_no_more_than_the_limit_is_kept() -> None:
    kept = Kept(10)

    written = [kept.write(b"123456") for _ in range(1000)]

    assert written == [6] * 1000
    assert b"".join(kept.parts) == b"1234561234"
    assert len(kept.parts) == 2


@pytest.mark.parametrize(("size", "more"), [(9, False), (10, False), (11, True)])
def test_what_was_cut_is_said_to_be(size: int, more: bool) -> None:
    output = Output(10)

    sys.stdout.write("x" * size)

    assert output.take() == (b"x" * min(size, 10), more)


def test_text_that_is_no_unicode_is_written_all_the_same() -> None:
    output = Output(100)

    sys.stdout.write("\udc80\u4e2d")

    assert output.take() == ("\\udc80\u4e2d".encode(), False)


@pytest.mark.parametrize("harm", ["close", "detach"])
def test_stream_that_a_student_broke_gives_what_there_was(harm: str) -> None:
    output = Output(100)
    sys.stdout.write("before")
    sys.stdout.flush()

    getattr(sys.stdout, harm)()

    assert output.take()[0].startswith(b"before")

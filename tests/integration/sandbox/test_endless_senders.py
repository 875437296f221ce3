"""Submissions that never cease to send: the clocks run on."""

import pytest

from grader.domain.verdicts import Verdict
from tests.conftest import Grade
from tests.results import case_of, verdicts_of

SENDING = """
import os, sys, time

frames = sys.modules["grader.sandbox.inside.frames"]


def send(message):
    os.write(3, frames.pack(message, []))


def answer(x):
    {line}
"""


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("while True: send(frames.Importing('x', True))", id="ends of imports"),
        pytest.param(
            "while True: send(frames.Importing('x', False)); send(frames.Importing('x', True))",
            id="imports",
        ),
    ],
)
def test_child_that_sends_without_end_is_held_to_its_cpu_limit(grade: Grade, line: str) -> None:
    result = grade(SENDING.format(line=line), cases=("First",))

    first = case_of(result, "First")
    assert first.verdict in (Verdict.TIME_LIMIT, Verdict.RUNTIME_ERROR)
    assert first.seconds < 0.75


def test_child_that_sends_byte_by_byte_is_held_to_its_wall_limit(grade: Grade) -> None:
    prefix = "os.write(3, (65000).to_bytes(4, 'little') + bytes(4))"
    line = f"{prefix}\n    for _ in range(150): time.sleep(0.05); os.write(3, b'x')"

    result = grade(SENDING.format(line=line), cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.TIME_LIMIT}
    assert result.seconds < 5.0


def test_child_that_reads_no_answers_is_held_to_its_wall_limit(grade: Grade) -> None:
    line = "while True: send(frames.Outside(1, 1, None, None))"

    result = grade(SENDING.format(line=line), cases=("First",))

    assert verdicts_of(result) == {"First": Verdict.TIME_LIMIT}
    assert result.seconds < 5.0

"""Submissions that write to their stream what no child of ours writes: their own case, no more."""

import pytest

from grader.domain.verdicts import Verdict
from tests.assignments import RIGHT_HELPER
from tests.conftest import Grade
from tests.results import case_of, verdicts_of

FORGING = """
import os, sys, time

frames = sys.modules["grader.sandbox.inside.frames"]


def number():
    frame = sys._getframe()
    while frame.f_code.co_name != "_attempt":
        frame = frame.f_back
    return frame.f_locals["request"].id


def send(message, *buffers):
    os.write(3, frames.pack(message, list(buffers)))


"""


def forging(line: str) -> str:
    """Return a file that forges in its first call and is right in the others."""
    body = f"    if x == 2.0:\n        {line}\n    return 2 * x\n"
    return f"{FORGING}def answer(x):\n{body}"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("os.write(3, b'garbage' * 9)", id="garbage"),
        pytest.param("os.write(3, bytes(8) + b'x')", id="empty header"),
        pytest.param("os.write(3, b'\\xff' * 8)", id="giant frame"),
        pytest.param("os.write(3, b'\\x05\\x00\\x00\\x00'); os._exit(0)", id="half a frame"),
        pytest.param("send(frames.Value(number() + 1, 4.0))", id="answer of tomorrow"),
        pytest.param("send(frames.Value(number(), ['o', 1]))", id="half an object"),
        pytest.param("send(frames.Value(number(), ['l', [['o', 1, 'x']]]))", id="object in a list"),
        pytest.param("send(frames.Value(number(), ['f', 1]))", id="function"),
        pytest.param("send(frames.Value(number(), ['s', 1]))", id="stand-in class"),
        pytest.param("send(frames.Value(number(), ['a', '|O', [1]]), b'x' * 8)", id="pointers"),
        pytest.param(
            "send(frames.Value(number(), ['a', '<f8', [0] + [1 << 24] * 5]))", id="impossible shape"
        ),
        pytest.param("send(frames.Value(number(), 4.0), b'left over')", id="bytes left over"),
        pytest.param("send(frames.Raised(number(), 'odd', 'E', '', []))", id="unknown kind"),
        pytest.param("send(frames.Outside(1, 1, 5, ['x']))", id="malformed call"),
        pytest.param("send(frames.End(number()))", id="request"),
        pytest.param(
            "[send(frames.Importing('x' * 60000, False)) for _ in range(99999)]", id="flood"
        ),
        pytest.param(
            "[send(frames.Importing('x', False)) for _ in range(99999)]", id="small flood"
        ),
    ],
)
def test_forged_bytes_cost_the_case_and_are_never_our_failure(grade: Grade, line: str) -> None:
    result = grade(forging(line), RIGHT_HELPER)

    assert verdicts_of(result) == {
        "First": Verdict.RUNTIME_ERROR,
        "Second": Verdict.ACCEPTED,
        "Helper": Verdict.ACCEPTED,
    }


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("send(frames.Ended(number(), False, [], []))", id="end of a case"),
        pytest.param("send(frames.Value(number(), ['o', 999, 'Thing']))", id="object of nobody"),
        pytest.param("send(frames.Value(number(), ['d', []]))", id="dict"),
        pytest.param("send(frames.Value(number(), 1 << 63))", id="large integer"),
        pytest.param(
            "send(frames.Value(number(), ['l', [1 << 63, -1]]))", id="integers of any size"
        ),
        pytest.param(
            "send(frames.Raised(number(), 'error', '', '', [('x', -1, '')] * 99))", id="frames"
        ),
    ],
)
def test_reply_that_no_child_gives_costs_the_case_alone(grade: Grade, line: str) -> None:
    result = grade(forging(line), RIGHT_HELPER)

    assert verdicts_of(result)["First"] in (Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR)
    assert verdicts_of(result)["Helper"] is Verdict.ACCEPTED


def test_sibling_that_a_file_makes_up_is_not_believed(grade: Grade) -> None:
    source = f"{FORGING}send(frames.Importing(str(time.time_ns()), False))\nos._exit(0)\n"

    result = grade(source, RIGHT_HELPER)

    assert verdicts_of(result) == {
        "First": Verdict.RUNTIME_ERROR,
        "Second": Verdict.RUNTIME_ERROR,
        "Helper": Verdict.ACCEPTED,
    }


def test_verdict_cannot_be_sent(grade: Grade) -> None:
    message = "{'type': 'judged', 'verdict': 'accepted', 'points': 40.0}"

    result = grade(forging(f"send(frames.Value(number(), str({message})))"))

    assert verdicts_of(result)["First"] is Verdict.WRONG_ANSWER


def test_note_of_a_file_that_was_not_handed_in_is_not_taken(grade: Grade) -> None:
    forged = "frames.Ended(frame_id, False, [('/etc/passwd', 1, 'x')], [('other.py', 'forged')])"
    source = (
        f"{FORGING}def answer(x):\n    output = sys.modules['grader.sandbox.inside.child'].Child\n"
        "    def end(self, request, payload):\n        frame_id = request.id\n"
        f"        send({forged}, b'forged output')\n"
        "    frame = sys._getframe()\n"
        "    while frame.f_code.co_name != '_attempt':\n        frame = frame.f_back\n"
        "    child = frame.f_locals['self']\n"
        "    child._silent[frames.End] = lambda request, payload: end(child, request, payload)\n"
        "    return 2 * x\n"
    )

    result = grade(source)

    assert case_of(result, "First").output == "forged output"
    assert result.notes == ()

"""What a student reads of how their code ended."""

import pytest

from grader.domain.verdicts import Verdict
from grader.sandbox.endings import Ending, Failure, Frame
from grader.suite.sentences import VERDICTS, student_error

FILES = {"answer.py": b"\xef\xbb\xbfimport math\r\n\r\ndef answer(x):\r\n    return 1 / 0\r\n"}


def said(failure: Failure) -> str:
    return student_error(failure, "answer", FILES).message


def test_every_ending_has_a_verdict_that_is_the_student_s() -> None:
    assert VERDICTS.keys() == set(Ending)
    assert Verdict.INTERNAL_ERROR not in VERDICTS.values()
    assert Verdict.ACCEPTED not in VERDICTS.values()


@pytest.mark.parametrize(
    ("ending", "verdict"),
    [
        (Ending.RAISED, Verdict.RUNTIME_ERROR),
        (Ending.TOO_LARGE, Verdict.OUTPUT_LIMIT),
        (Ending.OUT_OF_MEMORY, Verdict.MEMORY_LIMIT),
        (Ending.CPU_TIME, Verdict.TIME_LIMIT),
        (Ending.WALL_TIME, Verdict.TIME_LIMIT),
    ],
)
def test_ending_becomes_its_verdict(ending: Ending, verdict: Verdict) -> None:
    assert student_error(Failure(ending), "answer", FILES).verdict is verdict


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_has_a_sentence(ending: Ending) -> None:
    assert said(Failure(ending, error="E", message="m"))


def test_exception_is_told_with_its_line_from_the_file_that_was_handed_in() -> None:
    where = (Frame("answer.py", 4, "answer"),)

    message = said(Failure(Ending.RAISED, "ZeroDivisionError", "division by zero", where))

    assert message == (
        "ZeroDivisionError: division by zero\n  answer.py, line 4, in answer\n    return 1 / 0"
    )


def test_innermost_line_of_the_submission_is_the_one_that_is_told() -> None:
    where = (Frame("answer.py", 1, "<module>"), Frame("answer.py", 4, "answer"))

    message = said(Failure(Ending.RAISED, "ValueError", "no", where))

    assert "line 4" in message
    assert "line 1" not in message


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(Frame("grader/secret.py", 1, "f"), id="file that was not handed in"),
        pytest.param(Frame("answer.py", 99, "f"), id="line that is not there"),
        pytest.param(Frame("answer.py", -3, "f"), id="line before the first"),
        pytest.param(Frame("answer.py", 2, "f"), id="empty line"),
    ],
)
def test_place_that_a_child_made_up_quotes_nothing(frame: Frame) -> None:
    message = said(Failure(Ending.RAISED, "ValueError", "no", (frame,)))

    assert "import math" not in message
    assert "return" not in message
    assert "secret" not in message


def test_missing_module_is_named_with_what_to_do() -> None:
    failure = Failure(
        Ending.RAISED,
        "ModuleNotFoundError",
        "No module named 'torch'",
        (Frame("answer.py", 1, "<module>"),),
        "torch",
    )

    message = said(failure)

    assert "torch is not installed here; remove the import" in message
    assert "answer.py, line 1" in message


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(Failure(Ending.RAISED, "\x1b[31mE", "m"), id="type of an error"),
        pytest.param(Failure(Ending.RAISED, "E", "\x1b[31mm\u202e"), id="message"),
        pytest.param(
            Failure(Ending.RAISED, "E", "m", (Frame("answer.py", 4, "\x1b[2J\u202e"),)),
            id="name of a function",
        ),
        pytest.param(
            Failure(Ending.RAISED, "E", "m", missing_module="\x1b[31m"), id="missing module"
        ),
        pytest.param(Failure(Ending.UNSAYABLE, message="\x1b\u202e"), id="type of an answer"),
    ],
)
def test_text_of_a_student_is_made_printable(failure: Failure) -> None:
    message = said(failure)

    assert "\x1b" not in message
    assert "\u202e" not in message


def test_endless_message_is_cut() -> None:
    assert len(said(Failure(Ending.RAISED, "E" * 10_000, "m" * 100_000))) < 1000


@pytest.mark.parametrize("line", [-1, 0, 6, (1 << 64) - 1])
def test_line_that_the_file_does_not_have_is_not_told(line: int) -> None:
    where = (Frame("answer.py", line, "answer"),)

    message = said(Failure(Ending.RAISED, "ValueError", "no", where))

    assert message == "ValueError: no\n  answer.py"


FORGED = "A\nScore: 100/100"


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(Failure(Ending.RAISED, error=FORGED), id="type"),
        pytest.param(Failure(Ending.RAISED, "ValueError", FORGED), id="message"),
        pytest.param(Failure(Ending.RAISED, "ImportError", missing_module=FORGED), id="module"),
        pytest.param(Failure(Ending.CRASHED, message=FORGED), id="crash"),
        pytest.param(
            Failure(Ending.RAISED, "E", "", (Frame("answer.py", 1, FORGED),)), id="function"
        ),
    ],
)
def test_what_a_child_says_forges_no_line_of_its_own(failure: Failure) -> None:
    assert not any(line.startswith("Score") for line in said(failure).splitlines())

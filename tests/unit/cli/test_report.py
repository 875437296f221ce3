"""A result for people."""

import pytest

from grader.cli.report import show
from grader.domain.verdicts import Verdict
from grader.grading.formats.report import report_of
from tests.factories import a_case, a_result


def test_report_says_what_passed_and_what_to_fix(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = a_case(
        name="BCEBackwardTest",
        points=0.0,
        verdict=Verdict.WRONG_ANSWER,
        message="backward returned None:\nis a return missing?",
        output="x\n",
    )

    show(report_of("some/path", a_result(a_case(), wrong, notes=("a note",))), 80.0)

    assert capsys.readouterr().out.splitlines() == [
        "some/path",
        "  BCEForwardTest passed.     10/10",
        "  BCEBackwardTest failed.     0/10  wrong answer",
        "      backward returned None:",
        "      is a return missing?",
        "      it printed:",
        "      x",
        "  Note: a note",
        "  Tests passed: 1/2",
        "  Score: 10/20",
        "  Not passed: 80 needed",
        "",
    ]


def test_nothing_that_a_student_wrote_moves_the_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hostile = "\x1b[2J\r\x9b31m\u202e"
    case = a_case(points=0.0, verdict=Verdict.RUNTIME_ERROR, message=hostile, output=hostile)

    show(report_of(hostile, a_result(case, notes=(hostile,))), None)

    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\r\x9b\u202e")

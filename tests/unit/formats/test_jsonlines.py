"""One path as one line of JSON."""

import json

from grader.domain.verdicts import Verdict
from grader.grading.formats.jsonlines import failed_line, graded_line
from tests.factories import a_case, a_result, a_suite


def test_line_of_a_graded_path() -> None:
    result = a_result(
        a_case(),
        a_case(name="B", points=0.0, verdict=Verdict.WRONG_ANSWER, message="no", output="\x00"),
        notes=("loss.py was replaced",),
    )

    line = json.loads(graded_line("some/path", a_suite(pass_mark=50.0), result))

    assert line == {
        "path": "some/path",
        "assignment": "hw4",
        "suite_version": "a" * 64,
        "seed": 7,
        "status": "graded",
        "score": 10.0,
        "max_score": 20.0,
        "passed": False,
        "seconds": 0.25,
        "notes": ["loss.py was replaced"],
        "cases": [
            {
                "name": "BCEForwardTest",
                "file": "loss.py",
                "points": 10.0,
                "max_points": 10.0,
                "verdict": "accepted",
                "message": "",
                "hint": "",
                "seconds": 0.0,
                "output": "",
            },
            {
                "name": "B",
                "file": "loss.py",
                "points": 0.0,
                "max_points": 10.0,
                "verdict": "wrong_answer",
                "message": "no",
                "hint": "",
                "seconds": 0.0,
                "output": "␀",
            },
        ],
    }


def test_some_cases_alone_neither_pass_nor_fail() -> None:
    line = json.loads(graded_line("p", a_suite(), a_result(), whole=False))

    assert line["passed"] is None


def test_line_stays_one_line_in_any_encoding() -> None:
    case = a_case(output="one\ntwo\u2028three", message="数据")

    line = graded_line("a\nb\udce9", a_suite(), a_result(case))

    assert line.isascii()
    assert len(line.splitlines()) == 1


def test_path_without_score_has_an_error_and_no_score() -> None:
    line = json.loads(failed_line("gone", a_suite(), "There is no such file."))

    assert line.keys() - {"error"} == json.loads(graded_line("p", a_suite(), a_result())).keys()
    assert line["status"] == "failed"
    assert line["error"] == "There is no such file."
    assert line["score"] is None

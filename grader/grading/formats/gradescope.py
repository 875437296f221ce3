"""Gradescope's results.json, as its autograder documentation specifies it."""

import json
from dataclasses import replace
from typing import Any

from grader.domain.text import REPORT_CHARACTERS, printable
from grader.domain.verdicts import CaseResult, Verdict, Visibility
from grader.grading.formats.report import Report, course_lines


def results_json(report: Report) -> str:
    """Return the text of `results.json`."""
    seen = [case for case in report.cases if case.visibility is Visibility.VISIBLE]
    lines = course_lines(replace(report, cases=tuple(seen)))  # "output" is shown to everyone
    return json.dumps(
        {
            "score": report.score.points,
            "execution_time": round(report.seconds, 3),
            "output": "\n".join([*lines, *map(_text, report.notes)]),
            "output_format": "text",
            "test_output_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "extra_data": {"max_score": report.score.max_points},
            "tests": [_test(number, case) for number, case in enumerate(report.cases, start=1)],
        },
        indent=2,
    )


def _test(number: int, case: CaseResult) -> dict[str, Any]:
    accepted = case.verdict is Verdict.ACCEPTED
    return {
        "score": float(case.points),
        "max_score": float(case.max_points),
        "status": "passed" if accepted else "failed",
        "name": case.name,
        "number": str(number),
        "output": _text("\n".join(filter(None, (case.message, case.hint, case.output)))),
        "output_format": "text",
        "tags": [case.file, case.verdict.value],
        "visibility": case.visibility.value,
        "extra_data": {"verdict": case.verdict.value, "seconds": round(case.seconds, 4)},
    }


def _text(text: str) -> str:
    return printable(text, REPORT_CHARACTERS)

"""One graded path as one line of JSON: what `grader grade --json` prints."""

import json
from typing import Any

from grader.domain.runs import RunResult, RunStatus, SuiteFolder
from grader.domain.text import REPORT_CHARACTERS, printable
from grader.domain.verdicts import CaseResult


def graded_line(path: str, suite: SuiteFolder, result: RunResult, *, whole: bool = True) -> str:
    """Return the line of a graded path; a run of some cases neither passes nor fails."""
    score = result.score
    passed = score.passes(suite.assignment.pass_mark) if whole else None
    return _line(
        {
            "path": path,
            "assignment": suite.assignment.name,
            "suite_version": result.suite_version,
            "seed": result.seed,
            "status": RunStatus.GRADED,
            "score": score.points,
            "max_score": score.max_points,
            "passed": passed,
            "seconds": round(result.seconds, 4),
            "notes": [printable(note, REPORT_CHARACTERS) for note in result.notes],
            "cases": [case_object(case) for case in result.cases],
        }
    )


def failed_line(path: str, suite: SuiteFolder, error: str) -> str:
    """Return the line of a path that has no score: it cannot be read, or we failed.

    It has all fields of a graded one, so that a reader need not ask for any.
    """
    return _line(
        {
            "path": path,
            "assignment": suite.assignment.name,
            "suite_version": suite.version,
            "seed": None,
            "status": RunStatus.FAILED,
            "error": printable(error, REPORT_CHARACTERS),
            "score": None,
            "max_score": None,
            "passed": None,
            "seconds": None,
            "notes": [],
            "cases": [],
        }
    )


def case_object(case: CaseResult) -> dict[str, Any]:
    """Return what one case came to, as in the API."""
    return {
        "name": case.name,
        "file": case.file,
        "points": float(case.points),
        "max_points": float(case.max_points),
        "verdict": case.verdict.value,
        "message": printable(case.message, REPORT_CHARACTERS),
        "hint": printable(case.hint, REPORT_CHARACTERS),
        "seconds": round(case.seconds, 4),
        "output": printable(case.output, REPORT_CHARACTERS),
    }


def _line(value: dict[str, Any]) -> str:
    # Escaped to ASCII: a path may hold lone surrogates, and stdout may be of any encoding.
    return json.dumps(value)

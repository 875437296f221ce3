"""Small assignment folders for tests: `answer.py` doubles a number, `helper.py` is its sibling."""

from collections.abc import Mapping
from pathlib import Path

from grader.domain.runs import SuiteFolder
from grader.suite.folder import load_suite

RIGHT = "def answer(x):\n    return 2 * x\n"
RIGHT_HELPER = "def helper(x):\n    return x\n"

SUITE = '''"""The cases of the small assignment."""

import pytest


@pytest.mark.case("First", points=40, file="answer.py")
def test_first(submission, check):
    check.close(submission.answer.answer(2.0), 4.0)


@pytest.mark.case("Second", points=40, file="answer.py")
def test_second(submission, check):
    check.close(submission.answer.answer(3.0), 6.0)


@pytest.mark.case("Helper", points=20, file="helper.py")
def test_helper(submission, check):
    check.close(submission.helper.helper(5.0), 5.0)
'''

_TOML = """
title = "Doubling"
stub_modules = ["tkinter"]
partial_uploads = true

[files]
"answer.py" = "course.answer"
"helper.py" = "course.helper"

[limits]
case_seconds = {case_seconds}
import_seconds = {import_seconds}
run_seconds = {run_seconds}
wall_factor = 4
memory_mib = 128
output_kib = 4
"""
_LIMITS = {"case_seconds": 0.5, "import_seconds": 0.5, "run_seconds": 10}
_TOOL = """
class Tool:
    def __init__(self, factor=2):
        self.factor = factor

    def work(self, x, y=0):
        raise NotImplementedError
"""
_DEFAULTS = {
    "suite/test_cases.py": SUITE,
    "solution/answer.py": RIGHT,
    "solution/helper.py": RIGHT_HELPER,
    "starter/answer.py": "def answer(x):\n    pass\n",
    "starter/helper.py": "import math\n\n\ndef helper(x):\n    pass\n",
    "scaffold/course/__init__.py": "",
    "scaffold/course/tools.py": _TOOL,
}


def write_assignment(
    folder: Path, suite: str = SUITE, files: Mapping[str, str] | None = None, **limits: float
) -> SuiteFolder:
    """Write an assignment to `folder`, with other cases, files or limits where they are given."""
    written = {**_DEFAULTS, "suite/test_cases.py": suite, **(files or {})}
    written["assignment.toml"] = _TOML.format(**{**_LIMITS, **limits})
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_suite(folder)


def handed_in(answer: str | bytes = RIGHT, helper: str | bytes | None = None) -> dict[str, bytes]:
    """Return files as they are handed in: `answer.py`, and `helper.py` where it is given."""
    sources = {"answer.py": answer, "helper.py": helper}
    return {
        name: source if isinstance(source, bytes) else source.encode()
        for name, source in sources.items()
        if source is not None
    }

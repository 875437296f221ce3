"""The same suite under plain pytest: `pytest SUITE --submission PATH`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.domain.runs import SuiteFolder
from tests.assignments import RIGHT

Pytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(doubling: SuiteFolder, tmp_path: Path) -> Pytest:
    """Give a function that runs the small suite on sources, from an empty folder."""

    def run(*options: str, **sources: str) -> "subprocess.CompletedProcess[str]":
        handed_in = tmp_path / "handed_in"
        handed_in.mkdir()
        for name, source in sources.items():
            (handed_in / f"{name}.py").write_text(source)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--color=no"]
        where = [str(doubling.path / "suite"), "--submission", str(handed_in)]
        return subprocess.run(
            [*command, *where, *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_right_submission_passes(run: Pytest) -> None:
    ran = run(answer=RIGHT, helper="def helper(x):\n    return x\n")

    assert ran.returncode == 0
    assert "3 passed" in ran.stdout


def test_wrong_answer_fails_in_the_words_that_a_student_reads(run: Pytest) -> None:
    ran = run(answer="def answer(x):\n    pass\n")

    assert ran.returncode == 1
    assert "First: wrong_answer" in ran.stdout
    assert "answer returned None: is a return missing?" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_missing_file_is_a_skip(run: Pytest) -> None:
    ran = run(answer=RIGHT)

    assert ran.returncode == 0
    assert "2 passed, 1 skipped" in ran.stdout
    assert "helper.py was not handed in" in ran.stdout


def test_submission_runs_in_the_sandbox_there_too(run: Pytest) -> None:
    source = "import socket\nsocket.socket()\n"

    ran = run(answer=source)

    assert "PermissionError" in ran.stdout


def test_folder_with_nothing_of_the_assignment_is_said_to_have_nothing(run: Pytest) -> None:
    ran = run(other="x = 1\n")

    assert ran.returncode == 3
    assert "answer.py" in ran.stdout + ran.stderr


def test_without_a_submission_every_case_is_skipped(doubling: SuiteFolder, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", doubling.path / "suite", "-rs"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0
    assert "3 skipped" in ran.stdout
    assert "--submission PATH" in ran.stdout

"""`grader check`, as a whole process: every sample and mutant that there is."""

import os
import re
import subprocess
from pathlib import Path

from tests.acceptance.conftest import GRADER, ROOT
from tests.assignments import write_assignment

_WHOLE_GATE_SECONDS = 900


def check(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return subprocess.run(
        [GRADER, "check", *arguments],
        env={**kept, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_WHOLE_GATE_SECONDS,
        check=False,
    )


def test_hw4_judges_every_sample_and_mutant_as_expected() -> None:
    ran = check("hw4")

    assert ran.returncode == 0, ran.stdout
    counts = re.fullmatch(r"hw4: (\d+) of (\d+) as expected\.\n", ran.stdout)
    assert counts is not None, ran.stdout
    assert counts[1] == counts[2]
    assert int(counts[1]) >= 6 + 25 + 40  # its own, mutants, samples


def test_assignment_that_is_not_as_it_must_be_is_exit_1_with_the_reason(tmp_path: Path) -> None:
    suite = write_assignment(tmp_path / "reference" / "doubling")
    mutant = suite.path / "mutants" / "added"
    mutant.mkdir(parents=True)
    (mutant / "answer.py").write_text("def answer(x):\n    return x + x\n")
    (mutant.parent / "expected.toml").write_text('[added]\nlost = ["First"]\n')

    ran = check("doubling", GRADER_REFERENCE_DIR=str(tmp_path / "reference"))

    assert ran.returncode == 1
    assert "mutant added: did not lose First\n" in ran.stdout
    assert "doubling: 6 of 7 as expected." in ran.stdout


def test_all_assignments_are_checked_where_none_is_named(tmp_path: Path) -> None:
    for name in ("doubling", "again"):
        write_assignment(tmp_path / "reference" / name)

    ran = check(GRADER_REFERENCE_DIR=str(tmp_path / "reference"))

    assert ran.returncode == 0
    assert "doubling: 6 of 6 as expected." in ran.stdout
    assert "again: 6 of 6 as expected." in ran.stdout

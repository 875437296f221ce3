"""The release gate: what a suite must show before it grades anybody."""

import shutil
from pathlib import Path

import pytest

from grader.domain.runs import SuiteFolder
from grader.errors import AssignmentError
from grader.grading.check import check_suite
from grader.suite.folder import load_suite
from tests.assignments import SUITE, write_assignment
from tests.conftest import HW4

SLOTS = 2
HALF = "def answer(x):\n    return x\n"
SAMPLES = HW4.parents[1] / "submissions" / "hw4"
CHOSEN = (
    "accepted/plain",
    "accepted/matrix_results",
    "accepted/row_loops",
    "accepted/tkinter_auto_import",
    "partial/loss_missing",
    "wrong/loss_backward_none",
    "error/syntax_error",
    "limit/loop_in_sigmoid",
    "hostile/always_equal_object",
    "hostile/import_reference",
)


def problems_of(suite: SuiteFolder, samples: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Return what is not as it must be, by the name of what was checked."""
    return {
        done.name: done.problems
        for done in check_suite(suite, suite.path / "mutants", samples, SLOTS)
        if done.problems
    }


def write_mutant(suite: SuiteFolder, expected: str, source: str = HALF) -> None:
    """Add a mutant named `half`, and what is expected of it."""
    folder = suite.path / "mutants" / "half"
    folder.mkdir(parents=True)
    (folder / "answer.py").write_text(source)
    (suite.path / "mutants" / "expected.toml").write_text(expected)


def test_suite_as_it_must_be_has_no_problem(tmp_path: Path) -> None:
    suite = write_assignment(tmp_path / "good")
    write_mutant(suite, '[half]\nlost = ["First", "Second"]\n')

    assert problems_of(suite) == {}


def test_everything_is_checked_and_named(tmp_path: Path) -> None:
    suite = write_assignment(tmp_path / "good")
    write_mutant(suite, '[half]\nlost = ["First", "Second"]\n')

    names = [done.name for done in check_suite(suite, suite.path / "mutants", None, SLOTS)]

    assert sorted(names) == sorted(
        ["markers", *["solution"] * 3, "starter", "mutant half", "solution twice alike"]
    )


def test_mutant_that_is_not_caught_is_a_problem(tmp_path: Path) -> None:
    suite = write_assignment(tmp_path / "blind")
    write_mutant(suite, '[half]\nlost = ["Helper"]\n', "def answer(x):\n    return x + x\n")

    assert problems_of(suite) == {"mutant half": ("did not lose Helper",)}


def test_mutant_that_loses_more_than_it_must_is_a_problem(tmp_path: Path) -> None:
    suite = write_assignment(tmp_path / "strict")
    write_mutant(suite, '[half]\nlost = ["First"]\n')

    (problem,) = problems_of(suite)["mutant half"]

    assert problem.startswith("lost Second (wrong_answer")


def test_solution_below_full_marks_is_a_problem(tmp_path: Path) -> None:
    suite = write_assignment(tmp_path / "wrong", files={"solution/answer.py": HALF})

    assert "score 20 instead of 100" in problems_of(suite)["solution"]


def test_starter_with_points_is_a_problem(tmp_path: Path) -> None:
    suite = write_assignment(
        tmp_path / "gift", files={"starter/helper.py": "def helper(x):\n    return x\n"}
    )

    assert problems_of(suite) == {"starter": ("score 20 instead of 0",)}


def test_solution_that_comes_out_differently_with_one_seed_is_a_problem(tmp_path: Path) -> None:
    source = "import time\n\n\ndef answer(x):\n    print(time.time_ns())\n    return 2 * x\n"
    suite = write_assignment(tmp_path / "restless", files={"solution/answer.py": source})

    assert "First came out differently" in problems_of(suite)["solution twice alike"][0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("points=40", "points=41", "add up to 102", id="points"),
        pytest.param('"Second"', '"First"', "two cases are named First", id="names"),
        pytest.param('file="helper.py"', 'file="other.py"', "no file of it", id="files"),
    ],
)
def test_wrong_markers_are_a_problem(tmp_path: Path, old: str, new: str, words: str) -> None:
    suite = write_assignment(tmp_path / "marked", SUITE.replace(old, new))

    assert any(words in problem for problem in problems_of(suite)["markers"])


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        pytest.param("[half", "not valid TOML", id="no TOML"),
        pytest.param("[gone]\nscore = 1\n", "speaks of gone", id="no folder"),
        pytest.param("[half]\nodd = 1\n", "odd", id="unknown word"),
    ],
)
def test_expectation_that_makes_no_sense_stops_the_gate(
    tmp_path: Path, expected: str, words: str
) -> None:
    suite = write_assignment(tmp_path / "odd")
    write_mutant(suite, expected)

    with pytest.raises(AssignmentError, match=words):
        problems_of(suite)


def test_chosen_samples_of_hw4_come_out_as_expected(tmp_path: Path) -> None:
    folder = tmp_path / "hw4"
    shutil.copytree(HW4, folder, ignore=shutil.ignore_patterns("mutants", "__pycache__"))
    samples = tmp_path / "samples"
    for name in CHOSEN:
        shutil.copytree(SAMPLES / name, samples / name)
    (samples / "expected.toml").write_text(_tables(SAMPLES / "expected.toml", CHOSEN))

    checked = list(check_suite(load_suite(folder), folder / "mutants", samples, SLOTS))

    assert {done.name for done in checked} >= set(CHOSEN)
    assert {done.name: done.problems for done in checked if done.problems} == {}


def _tables(path: Path, names: tuple[str, ...]) -> str:
    """Return the tables of those names, as they stand in a TOML file."""
    blocks = path.read_text().split("\n[")
    wanted = {f'"{name}"]' for name in names}
    return "\n".join(f"[{block}" for block in blocks if block.partition("\n")[0] in wanted)

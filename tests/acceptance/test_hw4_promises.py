"""What hw4 promises to students, each on the submission that others' graders got wrong."""

from itertools import pairwise
from pathlib import Path
from runpy import run_path

import pytest

from grader.domain.runs import RunRequest, RunResult, SuiteFolder
from grader.domain.verdicts import Verdict
from grader.grading.slots import Slot
from grader.suite.folder import load_suite
from tests.acceptance.conftest import SAMPLES
from tests.conftest import HW4
from tests.results import case_of, content_of, verdicts_of


@pytest.fixture(scope="module")
def hw4() -> SuiteFolder:
    """Give the assignment as it stands."""
    return load_suite(HW4)


def graded(slot: Slot, hw4: SuiteFolder, folder: Path, seed: int = 1) -> RunResult:
    """Grade a folder."""
    return slot.grade(RunRequest(hw4, _files(hw4, folder), seed))


def graded_with(slot: Slot, hw4: SuiteFolder, name: str, source: str) -> RunResult:
    """Grade the solution with another file of that name."""
    files = {**_files(hw4, HW4 / "solution"), name: source.encode()}
    return slot.grade(RunRequest(hw4, files, seed=1))


def _files(hw4: SuiteFolder, folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in hw4.assignment.files}


def lost_in(result: RunResult) -> set[str]:
    """Return the names of the cases that were lost."""
    verdicts = verdicts_of(result)
    return {name for name, verdict in verdicts.items() if verdict is not Verdict.ACCEPTED}


def test_solution_is_full_marks_twice_alike(slot: Slot, hw4: SuiteFolder) -> None:
    first, again = (graded(slot, hw4, HW4 / "solution") for _ in range(2))

    assert first.score.points == first.score.max_points == 100.0
    assert content_of(first) == content_of(again)


@pytest.mark.parametrize("seed", [2, 3, 2**32 - 1])
def test_solution_is_full_marks_with_every_seed(slot: Slot, hw4: SuiteFolder, seed: int) -> None:
    assert graded(slot, hw4, HW4 / "solution", seed).score.points == 100.0


def test_starter_is_zero(slot: Slot, hw4: SuiteFolder) -> None:
    assert graded(slot, hw4, HW4 / "starter").score.points == 0.0


def test_slow_row_loop_is_full_marks_in_less_than_five_seconds(
    slot: Slot, hw4: SuiteFolder
) -> None:
    result = graded(slot, hw4, SAMPLES / "accepted" / "row_loops")

    assert result.score.points == 100.0
    assert sum(case.seconds for case in result.cases) < 5.0


def test_printing_in_every_step_costs_nothing(slot: Slot, hw4: SuiteFolder) -> None:
    noisy = graded(slot, hw4, SAMPLES / "accepted" / "noisy_steps")
    silent = graded(slot, hw4, SAMPLES / "accepted" / "plain")

    assert noisy.score.points == 100.0
    most = hw4.assignment.limits.output_bytes + 100
    assert all(len(case.output) <= most for case in noisy.cases)
    assert any(case.output for case in noisy.cases)
    # A grader that keeps or sends what is printed needs ten times as long.
    used = [sum(case.seconds for case in result.cases) for result in (noisy, silent)]
    assert used[0] < 3 * used[1]


def test_missing_return_costs_ten_points_and_is_named(slot: Slot, hw4: SuiteFolder) -> None:
    result = graded(slot, hw4, SAMPLES / "wrong" / "loss_backward_none")

    assert result.score.points == 90.0
    assert lost_in(result) == {"BCEBackwardTest"}
    assert "backward returned None" in case_of(result, "BCEBackwardTest").message
    assert any("loss.py was replaced" in note for note in result.notes)


@pytest.mark.parametrize(
    ("file", "method", "case"),
    [
        ("loss", "backward", "BCEBackwardTest"),
        ("classifier", "backward", "ClassifierBackwardTest"),
        ("optimizer", "step", "OptimizerStepTest"),
    ],
)
def test_endless_loop_costs_its_case_and_about_its_limit(
    slot: Slot, hw4: SuiteFolder, file: str, method: str, case: str
) -> None:
    source = (HW4 / "solution" / f"{file}.py").read_text()
    head, definition, rest = source.rpartition(f"    def {method}(")
    signature, _, body = rest.partition(":\n")
    looping = f"{head}{definition}{signature}:\n        while True: pass\n{body}"

    result = graded_with(slot, hw4, f"{file}.py", looping)

    assert lost_in(result) == {case}
    assert case_of(result, case).verdict is Verdict.TIME_LIMIT
    assert case_of(result, case).seconds < 1.5


def test_accidental_import_of_an_editor_costs_nothing_and_is_noted(
    slot: Slot, hw4: SuiteFolder
) -> None:
    source = (HW4 / "solution" / "optimizer.py").read_text()

    result = graded_with(slot, hw4, "optimizer.py", f"from tkinter import W\n{source}")

    assert result.score.points == 100.0
    assert "optimizer.py: line 1 imports tkinter, which is not needed here." in result.notes


def test_module_that_is_not_there_costs_its_own_file_only(slot: Slot, hw4: SuiteFolder) -> None:
    source = (HW4 / "solution" / "loss.py").read_text()

    result = graded_with(slot, hw4, "loss.py", f"import torch\n{source}")

    assert lost_in(result) == {"BCEForwardTest", "BCEBackwardTest"}
    message = case_of(result, "BCEForwardTest").message
    assert "torch is not installed here" in message
    assert "loss.py, line 1" in message


def test_accuracy_case_draws_the_losses_and_the_prediction(slot: Slot, hw4: SuiteFolder) -> None:
    case = case_of(graded(slot, hw4, HW4 / "solution"), "SolverAccuracyTest")

    shown = {(series.plot, series.name): series for series in case.series}
    assert [name for _, name in shown] == ["training", "validation", "houses", "predicted"]
    losses = shown["Loss", "training"].values
    assert losses[0] == pytest.approx(0.69, abs=0.01)
    assert all(after < before for before, after in pairwise(losses))
    predicted = shown["Prediction on the training data", "predicted"].values
    assert 0 < predicted[0] < 0.5 < predicted[-1] < 1


def test_no_house_of_the_test_data_is_drawn(slot: Slot, hw4: SuiteFolder) -> None:
    generated = run_path(str(HW4 / "suite" / "houses.py"))["generate"]()
    case = case_of(graded(slot, hw4, HW4 / "solution"), "SolverAccuracyTest")

    (houses,) = (series for series in case.series if series.name == "houses")
    drawn = set(houses.points)
    given = {
        (round(float(area), 5), float(label))
        for area, label in zip(generated.X_train.flat, generated.y_train.flat, strict=True)
    }
    assert drawn
    assert drawn <= given


@pytest.mark.parametrize(
    "sample",
    [
        "hostile/weights_not_finite",
        "hostile/weights_inflated",
        "hostile/histories_that_bite",
        "wrong/solver_never_trains",
        "wrong/solver_one_epoch",
        "limit/loop_in_train",
        "limit/memory_in_training",
        "error/train_raises",
    ],
)
def test_whatever_was_trained_only_what_can_be_drawn_is(
    slot: Slot, hw4: SuiteFolder, sample: str
) -> None:
    case = case_of(graded(slot, hw4, SAMPLES / sample), "SolverAccuracyTest")

    numbers = [number for series in case.series for pair in series.points for number in pair]
    assert all(abs(number) <= 1e12 for number in numbers)  # false for NaN
    assert {series.name for series in case.series} <= {
        "training",
        "validation",
        "houses",
        "predicted",
    }


def test_training_that_missed_its_goal_shows_how_it_went(slot: Slot, hw4: SuiteFolder) -> None:
    case = case_of(graded(slot, hw4, SAMPLES / "wrong" / "solver_one_epoch"), "SolverAccuracyTest")

    assert case.verdict is Verdict.WRONG_ANSWER
    assert {series.plot for series in case.series} == {"Loss", "Prediction on the training data"}

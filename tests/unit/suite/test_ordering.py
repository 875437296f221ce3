"""Which cases run, and in what order."""

import pytest

from grader.suite.judge import CaseMark
from grader.suite.ordering import in_order, needed

TRAINING = CaseMark("Training", 10, "solver.py", after=("loss.py", "model.py"))
STEP = CaseMark("Step", 10, "solver.py")
LOSS = CaseMark("Loss", 10, "loss.py")
MODEL = CaseMark("Model", 10, "model.py")
ALL = [TRAINING, LOSS, STEP, MODEL]


def itself(mark: CaseMark) -> CaseMark:
    return mark


def test_cases_that_need_others_run_last_and_the_rest_as_written() -> None:
    assert in_order(ALL, itself) == [LOSS, STEP, MODEL, TRAINING]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["Step"], [STEP], id="one alone"),
        pytest.param(["Training"], [LOSS, MODEL, TRAINING], id="with those it needs"),
        pytest.param(["Model", "Loss"], [LOSS, MODEL], id="in the suite's order"),
        pytest.param(["Step", "Training"], [LOSS, STEP, MODEL, TRAINING], id="all"),
        pytest.param([], [], id="none"),
    ],
)
def test_needed_cases_are_those_asked_for_and_those_they_need(
    names: list[str], expected: list[CaseMark]
) -> None:
    assert needed(in_order(ALL, itself), itself, names) == expected

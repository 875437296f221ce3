"""How a result is held against what `expected.toml` says."""

import pytest

from grader.domain.verdicts import Verdict
from grader.grading.check import Expectation, differences
from tests.factories import a_case, a_result

NONE = a_case(points=0.0, verdict=Verdict.WRONG_ANSWER, message="forward returned None", output="x")
RIGHT = a_case(name="Step")
RESULT = a_result(NONE, RIGHT, notes=("loss.py was replaced",))


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(Expectation(), id="nothing asked"),
        pytest.param(Expectation(score=10, lost=("BCEForwardTest",)), id="score and cases"),
        pytest.param(Expectation(min_score=10, max_score=10), id="bounds"),
        pytest.param(Expectation(says={"BCEForwardTest": "returned NONE"}), id="words"),
        pytest.param(Expectation(note="LOSS.py was"), id="note"),
        pytest.param(Expectation(must_not=("secret",)), id="absent words"),
    ],
)
def test_result_as_expected_has_no_difference(expected: Expectation) -> None:
    assert list(differences(RESULT, expected)) == []


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        pytest.param(Expectation(score=20), "score 10 instead of 20", id="score"),
        pytest.param(Expectation(min_score=11), "below 11", id="too low"),
        pytest.param(Expectation(max_score=9), "above 9", id="too high"),
        pytest.param(Expectation(lost=()), "lost BCEForwardTest", id="lost one more"),
        pytest.param(
            Expectation(lost=("BCEForwardTest", "Step")), "did not lose Step", id="lost one less"
        ),
        pytest.param(Expectation(says={"Step": "None"}), "does not say", id="words"),
        pytest.param(Expectation(says={"Other": "None"}), "does not say", id="case not there"),
        pytest.param(Expectation(note="solver.py"), "no note says", id="note"),
        pytest.param(Expectation(must_not=("replaced",)), "holds 'replaced'", id="in a note"),
        pytest.param(Expectation(must_not=("None",)), "holds 'None'", id="in a message"),
        pytest.param(Expectation(must_not=("x",)), "holds 'x'", id="in the output"),
    ],
)
def test_result_that_differs_is_told_how(expected: Expectation, words: str) -> None:
    (said,) = differences(RESULT, expected)

    assert words in said

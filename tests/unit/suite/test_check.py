"""`check`, as a suite has it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from grader.errors import SuiteFailure
from grader.suite.check import Check
from grader.suite.comparison import Numbers
from grader.suite.outcomes import WrongAnswer

EXPECTED = np.array([[0.5], [2.0], [-1.0]])


@dataclass(frozen=True)
class Answered:
    """Stands for an answer; like one, it works as nothing else."""

    value: npt.ArrayLike

    def __array__(self) -> Numbers:
        raise SuiteFailure("an answer was taken for an array")

    def __bool__(self) -> bool:
        raise SuiteFailure("an answer was taken for a truth")


class FakeReader:
    """Reads `Answered`."""

    def numbers(self, answer: object) -> Numbers:
        """Return the value as an array."""
        if not issubclass(type(answer), Answered):
            raise SuiteFailure("neither an answer nor numbers")
        return np.asarray(vars(answer)["value"])

    def describe(self, answer: object) -> str:
        """Return what every answer here is."""
        return "backward returned"


@pytest.fixture
def check() -> Check:
    return Check(FakeReader())


def message_of(check: Check, answer: object, **options: object) -> str:
    with pytest.raises(WrongAnswer) as ended:
        check.close(answer, EXPECTED, rtol=1e-4, **options)  # type: ignore[arg-type]
    return ended.value.message


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answered(EXPECTED), id="answer"),
        pytest.param(EXPECTED, id="array"),
        pytest.param(EXPECTED.tolist(), id="list"),
        pytest.param(Answered(EXPECTED + 0j), id="complex without imaginary part"),
        pytest.param(Answered(EXPECTED.astype(np.float32)), id="float32"),
    ],
)
def test_the_right_answer_passes(check: Check, answer: object) -> None:
    check.close(answer, EXPECTED, rtol=1e-4)


def test_an_answer_is_not_asked_for_its_class(check: Check) -> None:
    class Guarded(Answered):
        @property  # type: ignore[misc]
        def __class__(self) -> type:
            raise SuiteFailure("an answer was asked for its class")

    check.close(Guarded(EXPECTED), EXPECTED)


@pytest.mark.parametrize("answer", [0.5, np.float64(0.5), Answered(0.5), Answered([[0.5]])])
def test_a_scalar_passes_as_such_or_as_one_element(check: Check, answer: object) -> None:
    check.close(answer, 0.5)
    check.close(answer, np.array([0.5]))


def test_flat_takes_a_row_for_a_column_in_order(check: Check) -> None:
    check.close(Answered(EXPECTED[:, 0]), EXPECTED, flat=True)

    with pytest.raises(WrongAnswer):
        check.close(Answered(EXPECTED[::-1, 0]), EXPECTED, flat=True)
    with pytest.raises(WrongAnswer):
        check.close(Answered(EXPECTED[:, 0]), EXPECTED)


def test_a_message_starts_with_what_the_answer_is(check: Check) -> None:
    assert message_of(check, Answered(-EXPECTED)).startswith("backward returned the expected")
    assert message_of(check, -EXPECTED).startswith("the answer is the expected")


def test_a_name_stands_before_what_the_answer_knows(check: Check) -> None:
    said = message_of(check, Answered(-EXPECTED), name="the update of model.W")
    verb = message_of(check, Answered(-EXPECTED), name="forward then returned")

    assert said.startswith("the update of model.W is the expected")
    assert verb.startswith("forward then returned the expected")


def test_the_suites_mistake_comes_before_the_generic_one(check: Check) -> None:
    mistakes = {"Not this one.": EXPECTED * 2, "Ascend, do not descend.": -EXPECTED}

    assert message_of(check, Answered(-EXPECTED), mistakes=mistakes) == "Ascend, do not descend."
    assert "sign turned" not in message_of(check, Answered(EXPECTED * 2), mistakes=mistakes)
    assert "0 everywhere" in message_of(check, Answered(EXPECTED * 0), mistakes=mistakes)


def test_a_mistake_may_have_another_shape(check: Check) -> None:
    mistakes = {"Sum each row, not all.": EXPECTED.max()}

    assert message_of(check, Answered(2.0), mistakes=mistakes) == "Sum each row, not all."
    assert message_of(check, Answered([[2.0]]), mistakes=mistakes) == "Sum each row, not all."
    assert "shape (2,)" in message_of(check, Answered([2.0, 2.0]), mistakes=mistakes)


def test_a_mistake_of_a_flat_answer_is_found(check: Check) -> None:
    said = message_of(
        check, Answered(EXPECTED[:, 0] + 1), flat=True, mistakes={"One too much.": EXPECTED + 1}
    )

    assert said == "One too much."


def test_mistakes_are_computed_only_when_the_answer_is_wrong(check: Check) -> None:
    calls: list[str] = []

    def doubled() -> Numbers:
        calls.append("doubled")
        return EXPECTED * 2

    check.close(Answered(EXPECTED), EXPECTED, mistakes={"Twice.": doubled})
    assert calls == []

    assert message_of(check, Answered(EXPECTED * 2), mistakes={"Twice.": doubled}) == "Twice."
    assert calls == ["doubled"]


def test_a_function_that_lists_mistakes_is_called_only_when_the_answer_is_wrong(
    check: Check,
) -> None:
    calls: list[str] = []

    def mistakes() -> dict[str, Numbers]:
        calls.append("mistakes")
        return {"Twice.": EXPECTED * 2}

    check.close(Answered(EXPECTED), EXPECTED, mistakes=mistakes)
    assert calls == []

    assert message_of(check, Answered(EXPECTED * 2), mistakes=mistakes) == "Twice."
    assert calls == ["mistakes"]


def test_an_exception_in_a_mistake_propagates(check: Check) -> None:
    def broken() -> Numbers:
        raise KeyError("W")

    with pytest.raises(KeyError):
        check.close(Answered(-EXPECTED), EXPECTED, mistakes={"Broken.": broken})


@pytest.mark.filterwarnings("error")
def test_a_mistake_may_overflow_and_then_equals_nothing(check: Check) -> None:
    mistakes = {"No.": lambda: np.exp(EXPECTED * 1e6), "Nor this.": lambda: EXPECTED * np.nan}

    assert "NaN at index (0, 0)" in message_of(
        check, Answered(EXPECTED * np.nan), mistakes=mistakes
    )


def test_a_message_is_bounded(check: Check) -> None:
    assert len(message_of(check, Answered(EXPECTED + 1), name="x" * 10_000)) == 600


@pytest.mark.parametrize("answer", [None, "0.5", object(), {"W": 1.0}])
def test_what_is_neither_answer_nor_numbers_is_the_suites_failure(
    check: Check, answer: object
) -> None:
    with pytest.raises(SuiteFailure):
        check.close(answer, EXPECTED)


def test_that_and_fail_end_the_case_with_the_authors_words(check: Check) -> None:
    check.that(True, "never read")

    with pytest.raises(WrongAnswer, match="accuracy is"):
        check.that(np.float64(0.42) > 0.85, "accuracy is 0.42")
    with pytest.raises(WrongAnswer, match="nothing was learnt"):
        check.fail("nothing was learnt")
    with pytest.raises(SuiteFailure):
        check.that(Answered(True), "an answer is not a condition")

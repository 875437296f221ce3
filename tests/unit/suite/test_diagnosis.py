"""Each mistake that is known from the answer and the expected values alone."""

import re

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.suite.comparison import Closeness, Numbers, compare
from grader.suite.diagnosis import explain, not_numbers, nothing, wrong_shape

RNG = np.random.default_rng(4)
COLUMN = RNG.normal(size=(5, 1))
TABLE = RNG.normal(size=(5, 3))
SQUARE = RNG.normal(size=(3, 3))
ROW = RNG.normal(size=5)
NEAR = Closeness(rtol=1e-4)
MESSAGE_BOUND = 600


def diagnose(answer: npt.ArrayLike, expected: npt.ArrayLike, closeness: Closeness = NEAR) -> str:
    difference = compare(np.asarray(answer), np.asarray(expected), closeness)
    assert difference is not None
    return explain(difference, "backward returned", closeness)


def put(array: Numbers, index: tuple[int, ...], value: float) -> Numbers:
    changed = array.copy()
    changed[index] = value
    return changed


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        pytest.param(COLUMN.mean(), COLUMN, "one number, .*the mean over the batch", id="mean"),
        pytest.param(ROW.mean(), ROW, "one value per sample .*the mean over", id="mean, flat"),
        pytest.param(COLUMN.sum(), COLUMN, "one number, .*the sum over the batch", id="sum"),
        pytest.param(TABLE.mean(), TABLE, "the mean over all values", id="mean of all"),
        pytest.param(TABLE.mean(axis=0), TABLE, "the mean over the batch", id="mean of rows"),
        pytest.param(
            TABLE.sum(axis=0, keepdims=True), TABLE, "single row.*the sum over", id="sum of rows"
        ),
        pytest.param(ROW, ROW.mean(), "but their mean was expected", id="mean left out"),
        pytest.param(ROW, ROW.sum(), "but their sum was expected", id="sum left out"),
        pytest.param(
            TABLE.T, TABLE, r"transposed: shape \(3, 5\) instead of \(5, 3\)", id="transposed"
        ),
        pytest.param(COLUMN.T, COLUMN, "transposed", id="transposed column"),
        pytest.param(
            COLUMN[:, 0], COLUMN, r"right numbers in shape \(5,\), but", id="another shape"
        ),
        pytest.param(TABLE[:, :-1], TABLE, "without its last column", id="last column missing"),
        pytest.param(TABLE[:, 1:], TABLE, "without its first column", id="first missing"),
        pytest.param(
            ROW[:, None] - COLUMN.T, COLUMN, r"\(5,\) met \(5, 1\).*broadcast", id="broadcast"
        ),
        pytest.param(ROW[:3], ROW, r"shape \(3,\), but shape \(5,\) was", id="rows missing"),
        pytest.param(TABLE, 0.5, r"shape \(5, 3\), but one number was", id="scalar expected"),
        pytest.param(np.zeros((0, 3)), TABLE, r"empty array of shape \(0, 3\)", id="empty"),
        pytest.param(1.0, np.ones(5), r"one number, but shape \(5,\) was", id="not the mean"),
    ],
)
def test_wrong_shape_is_explained(
    answer: npt.ArrayLike, expected: npt.ArrayLike, says: str
) -> None:
    assert re.search(says, diagnose(answer, expected))


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        pytest.param(
            put(COLUMN, (2, 0), np.nan), COLUMN, r"NaN at index \(2, 0\), but .*: look", id="nan"
        ),
        pytest.param(put(ROW, (3,), -np.inf), ROW, "-infinity at index 3", id="infinity"),
        pytest.param([np.nan] * 5, ROW, "not finite: 5 of 5", id="all nan"),
        pytest.param(np.inf, 0.5, "returned infinity, but 0.5 was", id="infinite scalar"),
        pytest.param(complex(0, np.nan), 0.5, "NaN", id="nan as imaginary part"),
        pytest.param(ROW + 0.5j, ROW, "a complex number", id="imaginary part"),
        pytest.param(np.zeros(5), ROW, "0 everywhere", id="never filled"),
        pytest.param(-TABLE, TABLE, "sign turned", id="sign"),
        pytest.param(-0.5, 0.5, "expected number with the sign turned", id="sign of a scalar"),
        pytest.param(-ROW * 1j, ROW * 1j, "sign turned", id="sign of complex numbers"),
        pytest.param(SQUARE.T, SQUARE, "transposed", id="transposed square"),
        pytest.param(np.roll(TABLE, 1, axis=1), TABLE, "last column first", id="last column first"),
        pytest.param(TABLE / 5, TABLE, "1/5 of .*5 rows.*mean over the batch", id="1/N"),
        pytest.param(TABLE * 5, TABLE, "5 times .*5 rows.*sum over the batch", id="N"),
        pytest.param(-TABLE / 5, TABLE, "-1/5 of .*mean.*sign", id="-1/N"),
        pytest.param(-TABLE * 5, TABLE, "-5 times .*sum.*sign", id="-N"),
        pytest.param(ROW / np.log(2), ROW, "log2 where np.log", id="log2"),
        pytest.param(ROW / np.log(10), ROW, "log10 where np.log", id="log10"),
        pytest.param(2.0 / np.log(2), 2.0, "log2 where np.log", id="log2 of a scalar"),
        pytest.param(ROW * -2, ROW, "-2 times the expected values everywhere", id="factor"),
        pytest.param(ROW / 3, ROW, "1/3 of the expected values everywhere", id="fraction"),
        pytest.param(ROW * 0.123, ROW, "0.123 times", id="crooked factor"),
        pytest.param(
            put(TABLE, (2, 1), 9.0),
            TABLE,
            r"returned 9 at index \(2, 1\), but [-.\d]+ was expected\.$",
            id="one value",
        ),
        pytest.param(
            put(ROW, (3,), 9.0) + 0.01, ROW, "at index 3,.*5 of 5 values", id="largest difference"
        ),
        pytest.param(0.7, 0.5, "returned 0.7, but 0.5 was expected", id="scalar"),
        pytest.param(True, 0.25, "returned 1, but 0.25 was expected", id="bool"),
        pytest.param(3.0, 1.0, "returned 3, but 1 was expected", id="no factor from one value"),
        pytest.param([9.0] * 5, [0.5] * 5, "returned 9 at", id="no factor from one value, often"),
    ],
)
def test_wrong_values_are_explained(
    answer: npt.ArrayLike, expected: npt.ArrayLike, says: str
) -> None:
    assert re.search(says, diagnose(answer, expected))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(0.5 + 1e-8, 0.5, id="ninth digit"),
        pytest.param(0.1 + 0.2, 0.3, id="last digit"),
        pytest.param(2**60 + 1, 2**60, id="large integers"),
    ],
)
def test_two_values_that_differ_are_shown_to_differ(answer: float, expected: float) -> None:
    message = diagnose(answer, expected, Closeness())

    got, wanted = re.findall(r"\d[\d.]*\d", message)
    assert got != wanted


def test_a_symmetric_matrix_is_not_called_transposed() -> None:
    symmetric = SQUARE + SQUARE.T

    message = diagnose(symmetric + 1e-9, symmetric, Closeness(atol=1e-12))

    assert "transposed" not in message
    assert "9 of 9 values differ" in message


def test_a_mistake_is_named_despite_rounding_where_equality_is_asked_for() -> None:
    assert "sign turned" in diagnose(-ROW.astype(np.float32), ROW, Closeness())


def test_a_factor_whose_inverse_overflows_is_shown_as_it_is() -> None:
    assert "4.94066e-324 times" in diagnose([5e-324, 0.0], [1.0, 0.0], Closeness(rtol=5e-7))


def test_flat_answer_has_its_mistake_named_and_its_own_index() -> None:
    flat = Closeness(rtol=1e-4, flat=True)

    assert "sign turned" in diagnose(-COLUMN[:, 0], COLUMN, flat)
    assert "at index 2," in diagnose(put(COLUMN[:, 0], (2,), 7.0), COLUMN, flat)


def test_shape_comes_before_nan() -> None:
    assert "shape (3,), but shape (5,)" in diagnose([np.nan] * 3, ROW)


def test_many_dimensions_are_not_all_shown() -> None:
    message = wrong_shape("backward returned", (2,) * 64, (3,) * 64)

    assert "(2, 2, 2, 2, 2, 2, and 58 more)" in message
    assert len(message) < 200


def test_none_asks_for_a_return() -> None:
    assert nothing("backward returned") == "backward returned None: is a return missing?"
    assert nothing("model.W is") == "model.W is None, but numbers were expected."


def test_an_object_is_named_by_its_type_and_a_function_by_its_brackets() -> None:
    assert not_numbers("forward returned", "Classifier").endswith(
        "an object of type Classifier, but numbers were expected."
    )
    assert "brackets of a call" in not_numbers("model.W is", "method")
    assert len(not_numbers("forward returned", "x" * 10_000)) < 200


SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
ANY = st.one_of(
    hnp.arrays(hnp.floating_dtypes(sizes=(16, 32, 64)), SHAPES),
    hnp.arrays(hnp.complex_number_dtypes(sizes=(64, 128)), SHAPES),
    hnp.arrays(st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes()), SHAPES),
)
EXPECTED = st.one_of(
    hnp.arrays(np.float64, SHAPES, elements=st.floats(allow_nan=False, allow_infinity=False)),
    hnp.arrays(np.complex128, SHAPES, elements={"max_magnitude": 1e300}),
    hnp.arrays(st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes()), SHAPES),
)


@pytest.mark.filterwarnings("error")
@given(ANY, EXPECTED, st.booleans())
def test_whatever_is_answered_gets_a_short_sentence(
    answer: Numbers, expected: Numbers, reshaped: bool
) -> None:
    if reshaped and answer.size:
        answer = np.resize(answer, expected.shape)
    closeness = Closeness(rtol=1e-4, flat=True)
    difference = compare(answer, expected, closeness)
    if difference is None:
        return

    message = explain(difference, "backward returned", closeness)

    assert message.startswith("backward returned ")
    assert message[-1] in ".?"
    assert len(message) <= MESSAGE_BOUND

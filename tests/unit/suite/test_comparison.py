"""What counts as the right array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.errors import SuiteFailure
from grader.suite.comparison import Closeness, Numbers, as_numbers, compare, same

EXACT = Closeness()
NEAR = Closeness(rtol=1e-4, atol=1e-6)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
KINDS = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(sizes=(16, 32, 64)),
)
FINITE = hnp.arrays(
    KINDS, SHAPES, elements={"allow_nan": False, "allow_infinity": False}, fill=st.nothing()
)


def is_right(answer: object, expected: object, closeness: Closeness = NEAR) -> bool:
    return compare(np.asarray(answer), np.asarray(expected), closeness) is None


@given(FINITE)
def test_an_array_is_right_for_itself(array: Numbers) -> None:
    assert is_right(array, array, EXACT)
    assert is_right(array, array, NEAR)
    assert is_right(np.asfortranarray(array), array, EXACT)


@given(hnp.arrays(np.complex128, SHAPES, elements={"max_magnitude": 1e300}))
def test_a_complex_array_is_right_for_itself(array: Numbers) -> None:
    assert is_right(array, array, EXACT)
    assert is_right(array, array, NEAR)


@given(FINITE.filter(lambda array: array.size > 0), st.data())
def test_nan_and_infinity_are_never_right(array: Numbers, data: st.DataObject) -> None:
    answer = array.astype(np.float64)
    answer.flat[data.draw(st.integers(0, array.size - 1))] = data.draw(
        st.sampled_from([np.nan, np.inf, -np.inf])
    )

    assert not is_right(answer, array, Closeness(rtol=0.9, atol=1e300))


@given(SHAPES, SHAPES, st.booleans())
def test_only_the_stated_shapes_stand_for_each_other(
    got: tuple[int, ...], wanted: tuple[int, ...], flat: bool
) -> None:
    answer, expected = np.zeros(got), np.zeros(wanted)
    one_element = answer.size == 1 and expected.size == 1
    in_order = flat and len(got) == 1 and wanted == (*got, 1)

    right = is_right(answer, expected, Closeness(atol=1.0, flat=flat))

    assert right == (got == wanted or one_element or in_order)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(np.ones((1, 1, 1)), 1.0, id="one element for a scalar"),
        pytest.param(1.0, np.ones((1, 1)), id="a scalar for one element"),
        pytest.param(np.float16(0.5), 0.5, id="half precision by value"),
        pytest.param(np.float32(0.1), 0.1, id="single precision within the tolerance"),
        pytest.param([1, 0], [1.0, 0.0], id="integers"),
        pytest.param([True, False], [1.0, 0.0], id="bools"),
        pytest.param(np.array([250], np.uint8), np.array([250]), id="unsigned integers"),
        pytest.param(np.ones((2, 3), ">f8"), np.ones((2, 3)), id="another byte order"),
        pytest.param(np.zeros((0, 3)), np.zeros((0, 3)), id="empty"),
        pytest.param([5e-324], [0.0], id="denormal"),
    ],
)
def test_the_right_numbers_are_right_in_any_dress(answer: object, expected: object) -> None:
    assert is_right(answer, expected)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(np.ones((2, 1)), np.ones(2), id="would broadcast"),
        pytest.param(np.ones(2), np.ones((2, 1)), id="flat was not asked for"),
        pytest.param(1.0, np.ones((5, 1)), id="one number for five"),
        pytest.param(np.ones((10**5, 1)), np.ones(10**5), id="would broadcast to 80 GB"),
        pytest.param(np.zeros(1, "u1"), np.full(1, 255, "u1"), id="would wrap round"),
        pytest.param([True], [False], id="bools have no minus"),
        pytest.param([-1e308], [1e308], id="the difference overflows"),
        pytest.param([1 + 0.1j], [1.0], id="an imaginary part"),
        pytest.param([2.0, 1.0], [1.0, 2.0], id="the same sum"),
    ],
)
def test_what_is_not_right_is_a_difference(answer: object, expected: object) -> None:
    assert not is_right(answer, expected)


def test_flat_takes_no_more_than_one_dimension_in_order() -> None:
    flat = Closeness(flat=True)

    assert is_right([1.0, 2.0], [[1.0], [2.0]], flat)
    assert not is_right([[1.0, 2.0]], [[1.0], [2.0]], flat)


def test_tolerance_is_relative_to_the_largest_expected_element() -> None:
    expected = np.array([0.0, 100.0])

    assert is_right([0.009, 100.0], expected, Closeness(rtol=1e-4))
    assert not is_right([0.011, 100.0], expected, Closeness(rtol=1e-4))
    assert is_right([0.019, 100.0], expected, Closeness(rtol=1e-4, atol=0.01))


def test_integers_are_compared_exactly_without_a_tolerance() -> None:
    assert not is_right(2**60 + 1, 2**60, EXACT)


def test_complex_numbers_without_imaginary_part_are_real() -> None:
    assert as_numbers(np.array([1 + 0j, 2])).dtype == np.float64
    assert as_numbers(np.array([1 + 1j, 2])).dtype == np.complex128


@pytest.mark.parametrize("value", ["text", None, object(), [np.datetime64("2026-01-01")], 2**70])
def test_what_is_not_numbers_is_the_suites_failure(value: object) -> None:
    with pytest.raises(SuiteFailure, match="not numbers"):
        as_numbers(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("expected", [np.nan, np.inf, [1.0, -np.inf]])
def test_expected_values_must_be_finite(expected: object) -> None:
    with pytest.raises(SuiteFailure, match="NaN or infinity"):
        is_right(expected, expected)


@pytest.mark.parametrize(
    "closeness",
    [
        pytest.param(Closeness(rtol=1.0), id="zeros would be right"),
        pytest.param(Closeness(rtol=-1e-4), id="negative"),
        pytest.param(Closeness(atol=np.inf), id="infinite"),
        pytest.param(Closeness(rtol=np.nan), id="nan"),
    ],
)
def test_a_tolerance_without_sense_is_the_suites_failure(closeness: Closeness) -> None:
    with pytest.raises(SuiteFailure, match="rtol"):
        is_right(1.0, 1.0, closeness)


def test_the_outcome_of_a_mistake_that_is_not_finite_equals_nothing() -> None:
    assert not same(np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), NEAR)
    assert same(np.array([2.0, 1.0]), np.array([2.0, 1.0]), NEAR)

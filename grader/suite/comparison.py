"""Compare plain arrays: shape, then values. Nothing is ever broadcast."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import SuiteFailure

Numbers = npt.NDArray[Any]
"""An array of bool, int, uint, float or complex kind."""


@dataclass(frozen=True)
class Closeness:
    """What counts as equal: within `rtol` of the largest expected element, plus `atol`.

    With `flat`, an answer of shape (N,) stands for (N, 1), in order.
    """

    rtol: float = 0.0
    atol: float = 0.0
    flat: bool = False

    def allowance(self, expected: Numbers) -> float:
        """How far an element may be from `expected`.

        Raises:
            SuiteFailure: a tolerance makes no sense, or `expected` is not finite.
        """
        if not (0.0 <= self.rtol < 1.0 and 0.0 <= self.atol < np.inf):
            raise SuiteFailure(f"rtol={self.rtol}, atol={self.atol}: 0 <= rtol < 1 and 0 <= atol")
        scale = np.abs(expected, dtype=np.float64).max() if expected.size else 0.0
        if not np.isfinite(scale):
            raise SuiteFailure("the expected values hold NaN or infinity")
        return float(self.rtol * scale + self.atol)


@dataclass(frozen=True, eq=False)
class Difference:
    """An answer that is not right.

    `aligned` is the answer in the shape of `expected`, or None where its shape is wrong.
    """

    answer: Numbers
    expected: Numbers
    aligned: Numbers | None


def as_numbers(value: npt.ArrayLike) -> Numbers:
    """Return `value` as an array; complex numbers without an imaginary part are real.

    Raises:
        SuiteFailure: these are not numbers.
    """
    array = np.asarray(value)
    if array.dtype.kind == "c":
        return array if array.imag.any() else array.real
    if array.dtype.kind not in "biuf":
        raise SuiteFailure(f"cannot compare values of type {array.dtype}: they are not numbers")
    return array


def compare(answer: Numbers, expected: Numbers, closeness: Closeness) -> Difference | None:
    """Compare `answer` with `expected`; None means that it is right. NaN and infinity never are.

    Raises:
        SuiteFailure: `expected` is not finite or a tolerance makes no sense.
    """
    aligned = _align(answer, expected, closeness.flat)
    with np.errstate(all="ignore"):
        allowance = closeness.allowance(expected)
        if aligned is not None and _within(aligned, expected, allowance):
            return None
    return Difference(answer, expected, aligned)


def same(answer: Numbers, other: Numbers, closeness: Closeness) -> bool:
    """Whether `answer` equals `other`, the outcome of a mistake; one with NaN equals nothing."""
    return bool(np.isfinite(other).all()) and compare(answer, other, closeness) is None


def gaps(answer: Numbers, expected: Numbers) -> npt.NDArray[np.float64]:
    """Return how far each element is from the expected one, for arrays of one shape."""
    # In double precision whatever the kinds: bool has no minus, and integers would wrap.
    exact = np.complex128 if "c" in answer.dtype.kind + expected.dtype.kind else np.float64
    return np.asarray(np.abs(np.subtract(answer, expected, dtype=exact, casting="same_kind")))


def _align(answer: Numbers, expected: Numbers, flat: bool) -> Numbers | None:
    if answer.shape == expected.shape:
        return answer
    one_element = answer.size == 1 and expected.size == 1
    in_order = flat and answer.ndim == 1 and expected.shape == (answer.size, 1)
    return answer.reshape(expected.shape) if one_element or in_order else None


def _within(answer: Numbers, expected: Numbers, allowance: float) -> bool:
    if allowance == 0.0:  # integers beyond 2**53 differ only here
        return bool((answer == expected).all())
    return not answer.size or bool(gaps(answer, expected).max() <= allowance)

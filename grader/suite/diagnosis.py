"""Say what is wrong with an answer, from the answer and the expected values alone.

A sentence starts with a subject, "backward returned" or "model.W is"; what follows fits both.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from grader.suite.comparison import Closeness, Difference, Numbers, compare, gaps, same

_DIMENSIONS_SHOWN = 6
_DIAGNOSIS_RTOL = 1e-6  # where a suite asks for equality, a mistake must not hide behind rounding
_CALLABLES = {"function", "method", "builtin_function_or_method", "type", "ufunc"}

Mistake = tuple[Numbers, str, str]
"""What the answer is when the mistake was made, the fact to state then, and advice or ''."""


def nothing(subject: str) -> str:
    """Say that None came where numbers were expected."""
    if subject.endswith("returned"):
        return f"{subject} None: is a return missing?"
    return f"{subject} None, but numbers were expected."


def not_numbers(subject: str, kind: str) -> str:
    """Say that an object of type `kind` came where numbers were expected."""
    if kind in _CALLABLES:
        return f"{subject} an object of type {kind}: are the brackets of a call missing?"
    return f"{subject} an object of type {kind[:60]}, but numbers were expected."


def wrong_shape(subject: str, got: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Say that an array of shape `got` came where another shape was expected."""
    wanted = "one number" if expected == () else f"shape {_shape(expected)}"
    text = f"{subject} {_thing(got)}, but {wanted} was expected"
    if expected[1:] in {(), (1,)} and len(got) == 2 and got == expected[:1] * 2:
        met = f"{_shape(expected[:1])} met {_shape((expected[0], 1))}"
        return f"{text}: {met} somewhere and NumPy broadcast them, so reshape one of them first."
    return f"{text}."


def explain(difference: Difference, subject: str, closeness: Closeness) -> str:
    """Return what a student reads: the mistake where it is known, else shapes, else values."""
    with np.errstate(all="ignore"):
        if difference.aligned is None:
            return _explain_shape(difference, subject, closeness)
        return _explain_values(difference, difference.aligned, subject, closeness)


def _explain_shape(difference: Difference, subject: str, closeness: Closeness) -> str:
    answer, expected = difference.answer, difference.expected
    lenient = _lenient(closeness)
    for outcome, fact, advice in _other_shapes(answer, expected):
        if same(answer, outcome, lenient):
            return f"{subject} {fact}: {advice}"
    if expected.size == 1 < answer.size and _varies(answer):
        for name, number in (("mean", answer.mean()), ("sum", answer.sum())):
            if same(np.asarray(number), expected, lenient):
                return f"{subject} {_thing(answer.shape)}, but their {name} was expected."
    return wrong_shape(subject, answer.shape, expected.shape)


def _explain_values(
    difference: Difference, aligned: Numbers, subject: str, closeness: Closeness
) -> str:
    answer, expected = difference.answer, difference.expected
    if not np.isfinite(answer).all():
        return f"{subject} {_not_finite(answer, expected)}"
    gap = gaps(aligned, expected)
    worst = int(gap.argmax())
    got, wanted = _two_numbers(answer.flat[worst], expected.flat[worst])
    where = _where(answer, worst)
    if np.iscomplexobj(answer) and not np.iscomplexobj(expected):
        return f"{subject} {got}{where}, a complex number, but {wanted} was expected."
    lenient = _lenient(closeness)
    for outcome, fact, advice in _other_values(aligned, expected):
        if same(aligned, outcome, lenient) and compare(outcome, expected, lenient):
            example = f"({got} instead of {wanted}{where})"
            return f"{subject} {fact} {example}{f': {advice}' if advice else '.'}"
    wrong = int((gap > closeness.allowance(expected)).sum())
    rest = f"; {wrong} of {gap.size} values differ, this one most" if wrong > 1 else ""
    return f"{subject} {got}{where}, but {wanted} was expected{rest}."


def _lenient(closeness: Closeness) -> Closeness:
    return replace(closeness, rtol=max(closeness.rtol, _DIAGNOSIS_RTOL))


def _other_shapes(answer: Numbers, expected: Numbers) -> Iterator[Mistake]:
    """Yield what comes of known mistakes in a shape other than that of `expected`."""
    got, wanted = _shape(answer.shape), _shape(expected.shape)
    if expected.ndim > 1:
        yield expected.T, "the expected array transposed", f"shape {got} instead of {wanted}."
    if expected.size > 1:
        yield from _reduced(expected, wanted)
    if expected.ndim == 2 and expected.shape[1] > 1:
        advice = f"shape {got} instead of {wanted}."
        yield expected[:, :-1], "the expected array without its last column", advice
        yield expected[:, 1:], "the expected array without its first column", advice
    if answer.size == expected.size > 0:
        fact = f"the right numbers in shape {got}, but shape {wanted} was expected"
        yield expected.reshape(answer.shape), fact, "reshape them."


def _reduced(expected: Numbers, wanted: str) -> Iterator[Mistake]:
    one_column = expected.size == len(expected)
    each, every = ("one value", "the batch") if one_column else ("one row", "all values")
    fact = f"{{}}, but {each} per sample was expected, shape {wanted}"
    advice = "this is the {0} over {1}, so leave out the {0}."
    if _varies(expected):  # else the mean is any one of the values
        yield np.asarray(expected.mean()), fact.format("one number"), advice.format("mean", every)
    yield np.asarray(expected.sum()), fact.format("one number"), advice.format("sum", every)
    if not one_column and len(expected) > 1:
        for name, outcome in (("mean", expected.mean(axis=0)), ("sum", expected.sum(axis=0))):
            over = advice.format(name, "the batch")
            yield outcome, fact.format("the shape of one sample"), over
            yield outcome[np.newaxis], fact.format("a single row"), over


def _other_values(answer: Numbers, expected: Numbers) -> Iterator[Mistake]:
    """Yield what comes of known mistakes in the shape of `expected`."""
    is_complex = np.iscomplexobj(expected)
    number = np.asarray(expected, np.complex128 if is_complex else np.float64)
    if number.size > 1:
        advice = "is what was computed not stored or not returned?"
        yield np.zeros_like(number), "0 everywhere", advice
    thing = "number" if number.size == 1 else "array"
    yield -number, f"the expected {thing} with the sign turned", ""
    if number.ndim == 2 and number.shape[0] == number.shape[1]:
        yield number.T, "the expected array transposed", ""
    if number.ndim == 2 and number.shape[1] > 1:
        fact = "the expected array with its last column first"
        yield np.roll(number, 1, axis=1), fact, "put that column last."
    if not is_complex and not np.iscomplexobj(answer):
        yield from _multiples(answer, number)


def _multiples(answer: Numbers, expected: Numbers) -> Iterator[Mistake]:
    rows = expected.shape[0] if expected.size > 1 else 1
    if rows > 1:
        count = f"the expected values, and there are {rows} rows"
        mean = "is this the mean over the batch, where no mean was expected?"
        total = "is this the sum over the batch, where the mean was expected?"
        turned = " The sign is turned, too."
        yield expected / rows, f"1/{rows} of {count}", mean
        yield expected * rows, f"{rows} times {count}", total
        yield -expected / rows, f"-1/{rows} of {count}", mean + turned
        yield -expected * rows, f"-{rows} times {count}", total + turned
    for base in (2, 10):
        fact = f"the expected values divided by ln({base})"
        yield expected / np.log(base), fact, f"this is log{base} where np.log was expected."
    if _varies(expected):
        largest = int(np.abs(expected).argmax())
        factor = float(answer.flat[largest]) / float(expected.flat[largest])
        yield expected * factor, f"{_multiple(factor)} the expected values everywhere", ""


def _varies(array: Numbers) -> bool:
    return bool((array != array.flat[0]).any())


def _multiple(factor: float) -> str:
    whole = 1.0 / factor if factor else 0.0
    if abs(whole) < 1e6 and abs(whole - round(whole)) < 1e-6 * abs(whole):
        return f"{'-' if whole < 0 else ''}1/{abs(round(whole))} of"
    return f"{factor:.6g} times"


def _not_finite(answer: Numbers, expected: Numbers) -> str:
    bad = ~np.isfinite(answer)
    first = int(bad.argmax())
    value = answer.flat[first]
    name = "NaN" if np.isnan(value) else "-infinity" if value.real < 0 else "infinity"
    rest = f" (not finite: {bad.sum()} of {bad.size} values)" if bad.sum() > 1 else ""
    wanted = f"{expected.flat[first]:.6g} was expected"
    cause = "look for 0/0, the log of 0 or an exp that overflows."
    return f"{name}{_where(answer, first)}, but {wanted}{rest}: {cause}"


def _two_numbers(got: complex, wanted: complex) -> tuple[str, str]:
    short = f"{got:.6g}", f"{wanted:.6g}"
    return short if short[0] != short[1] else (str(got), str(wanted))


def _where(answer: Numbers, position: int) -> str:
    if answer.size == 1:
        return ""
    index = tuple(map(int, np.unravel_index(position, answer.shape)))
    return f" at index {index[0] if len(index) == 1 else _shape(index)}"


def _thing(shape: tuple[int, ...]) -> str:
    if 0 in shape:
        return f"an empty array of shape {_shape(shape)}"
    if all(length == 1 for length in shape):
        return "one number"
    return f"an array of shape {_shape(shape)}"


def _shape(shape: tuple[int, ...]) -> str:
    if len(shape) <= _DIMENSIONS_SHOWN:
        return str(shape)
    shown = ", ".join(map(str, shape[:_DIMENSIONS_SHOWN]))
    return f"({shown}, and {len(shape) - _DIMENSIONS_SHOWN} more)"

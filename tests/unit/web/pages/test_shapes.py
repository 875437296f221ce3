"""Shapes are read from the suite's own sentences, and from those alone."""

import numpy as np
import pytest

from grader.domain.verdicts import Verdict
from grader.suite.comparison import Closeness, Difference, compare
from grader.suite.diagnosis import explain, wrong_shape
from grader.web.pages.shapes import Shapes, shapes_of
from tests.factories import a_case


def _said(message: str, verdict: Verdict = Verdict.WRONG_ANSWER) -> Shapes | None:
    return shapes_of(a_case(points=0.0, verdict=verdict, message=message))


@pytest.mark.parametrize(
    ("got", "expected", "shapes"),
    [
        pytest.param((3, 3), (3, 1), Shapes("(3, 3)", "(3, 1)"), id="broadcast"),
        pytest.param((2,), (4, 5), Shapes("(2,)", "(4, 5)"), id="vector"),
        pytest.param((), (4,), Shapes("()", "(4,)"), id="one number"),
        pytest.param((4,), (), Shapes("(4,)", "()"), id="one number expected"),
        pytest.param((0, 2), (3, 2), Shapes("(0, 2)", "(3, 2)"), id="empty"),
        pytest.param((1,) * 8 + (2,), (2,), None, id="many dimensions"),
    ],
)
def test_wrong_shape_is_read_back(
    got: tuple[int, ...], expected: tuple[int, ...], shapes: Shapes | None
) -> None:
    found = _said(wrong_shape("backward returned", got, expected))

    assert found is not None
    if shapes is None:
        assert "more)" in found.got
    else:
        assert found == shapes


@pytest.mark.parametrize(
    ("answer", "expected", "shapes"),
    [
        pytest.param("expected.T", (2, 3), Shapes("(3, 2)", "(2, 3)"), id="transposed"),
        pytest.param("expected.ravel()", (2, 3), Shapes("(6,)", "(2, 3)"), id="flat"),
        pytest.param("expected.mean()", (5, 1), Shapes("()", "(5, 1)"), id="mean"),
        pytest.param("expected[:, :-1]", (2, 3), Shapes("(2, 2)", "(2, 3)"), id="a column less"),
    ],
)
def test_known_mistakes_in_shape_are_read_back(
    answer: str, expected: tuple[int, ...], shapes: Shapes
) -> None:
    wanted = np.arange(1.0, 1.0 + np.prod(expected)).reshape(expected) ** 2
    given = np.asarray(eval(answer, {"expected": wanted}))  # noqa: S307  # ours, a few lines up
    difference = compare(given, wanted, Closeness())
    assert isinstance(difference, Difference)

    assert _said(explain(difference, "backward returned", Closeness())) == shapes


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("ValueError: an array of shape (1, 2), but shape (3,) was expected", "runtime_error"),
        ("forward returned 0.5 at index (1, 2), but 0.25 was expected.", "wrong_answer"),
        ("backward returned None: is a return missing?", "wrong_answer"),
    ],
)
def test_other_messages_tell_no_shape(message: str, verdict: str) -> None:
    assert _said(message, Verdict(verdict)) is None

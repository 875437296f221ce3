"""An answer, before it is judged: nothing works on it but what is meant to."""

import copy
import operator
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.errors import SuiteFailure
from grader.sandbox.replies import Kept
from grader.suite.answer import Answer, AnswerReader, made, numbers_of, route_of
from grader.suite.outcomes import WrongAnswer


class Recorder:
    """Takes what is asked for, and answers `value`."""

    def __init__(self, value: object = None) -> None:
        self.value = value
        self.asked: list[tuple[Any, ...]] = []

    def call(
        self, target: int, path: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object:
        """Take a call."""
        self.asked.append(("call", target, path, args, kwargs))
        return self.value

    def get(self, target: int, path: tuple[str, ...]) -> object:
        """Take a reading."""
        self.asked.append(("get", target, path))
        return self.value

    def put(self, target: int, path: tuple[str, ...], value: object) -> None:
        """Take a setting."""
        self.asked.append(("put", target, path, value))


def returned(value: object) -> Answer:
    return made(Recorder(), value, "backward returned")


THING = Kept(7, "Thing")


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(bool, id="bool"),
        pytest.param(operator.not_, id="not"),
        pytest.param(lambda it: it == 1, id="equal"),
        pytest.param(lambda it: 1 == it, id="equal from the left"),  # noqa: SIM300  (the other side's turn)
        pytest.param(lambda it: it != 1, id="unequal"),
        pytest.param(lambda it: np.ones(2) == it, id="equal to an array"),
        pytest.param(len, id="len"),
        pytest.param(iter, id="iter"),
        pytest.param(list, id="list"),
        pytest.param(lambda it: it[0], id="index"),
        pytest.param(lambda it: 1 in it, id="contains"),
        pytest.param(np.asarray, id="asarray"),
        pytest.param(np.sum, id="sum"),
        pytest.param(np.isfinite, id="ufunc"),
        pytest.param(float, id="float"),
    ],
)
@pytest.mark.parametrize("value", [1.0, None, np.ones(2), [1.0], THING], ids=repr)
def test_nothing_is_judged_behind_the_back_of_check(
    value: object, use: Callable[[Any], Any]
) -> None:
    with pytest.raises(SuiteFailure):
        use(returned(value))


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(int, id="int"),
        pytest.param(hash, id="hash"),
        pytest.param(lambda it: it < 1, id="less"),
        pytest.param(lambda it: it + 1, id="plus"),
        pytest.param(lambda it: 1 + it, id="plus from the left"),
        pytest.param(lambda it: it @ np.ones(2), id="matrix product"),
        pytest.param(lambda it: round(it), id="round"),
        pytest.param(lambda it: it.__dict__, id="dict"),
        pytest.param(copy.copy, id="copy"),
    ],
)
def test_the_rest_of_python_does_not_work_on_an_answer(use: Callable[[Any], Any]) -> None:
    with pytest.raises((SuiteFailure, TypeError, AttributeError)):
        use(returned(1.0))


def test_attribute_is_read_only_when_it_is_judged() -> None:
    asker = Recorder(np.ones(2))
    model = Answer(asker, 7, (), THING, "model")

    weights = model.solver.W
    before = list(asker.asked)
    array = weights.array()

    assert before == []
    assert asker.asked == [("get", 7, ("solver", "W"))]
    assert (array == 1).all()


def test_call_goes_to_the_end_of_the_path_and_is_named_after_it() -> None:
    asker = Recorder(None)

    answer = Answer(asker, 7, (), THING, "model").backward(1, y=2)

    assert asker.asked == [("call", 7, ("backward",), (1,), {"y": 2})]
    with pytest.raises(WrongAnswer, match="backward returned None: is a"):
        answer.array()


def test_setting_goes_inside() -> None:
    asker = Recorder()

    Answer(asker, 7, (), THING, "model").W = 3

    assert asker.asked == [("put", 7, ("W",), 3)]


def test_route_of_an_attribute_is_its_owner_and_path() -> None:
    assert route_of(Answer(Recorder(), 7, (), THING, "model").a.b) == (7, ("a", "b"))


@pytest.mark.parametrize("name", ["__class_getitem__", "__reduce_ex2__", "__wrapped__"])
def test_names_of_python_s_own_are_not_asked_for(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(returned(THING), name)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param(None, "backward returned None", id="none"),
        pytest.param("text", "a str", id="text"),
        pytest.param(b"raw", "a bytes", id="bytes"),
        pytest.param({"a": 1}, "a dict", id="dict"),
        pytest.param(THING, "an object of type Thing", id="object"),
        pytest.param(Kept(7, "method"), "are the brackets of a call missing", id="method"),
        pytest.param(Kept(7, "class NotImplementedError"), "not written yet", id="not implemented"),
        pytest.param([[1.0], [1.0, 2.0]], "uneven length", id="ragged"),
        pytest.param([1.0, None], "more than numbers", id="none among numbers"),
        pytest.param([1.0, "x"], "more than numbers", id="text among numbers"),
        pytest.param([{}], "more than numbers", id="dict in a list"),
        pytest.param(Kept(7, "\x1b[31m"), "type ␛", id="name that moves the cursor"),
    ],
)
def test_what_is_no_numbers_is_the_student_s_mistake(value: object, words: str) -> None:
    with pytest.raises(WrongAnswer, match=words):
        returned(value).array()


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (1.0, ()),
        (True, ()),
        (1j, ()),
        ([1, 2], (2,)),
        (((1.0,),), (1, 1)),
        (np.ones((2, 3)), (2, 3)),
        ([np.array(1.0), 2], (2,)),
    ],
    ids=repr,
)
def test_numbers_in_any_form_are_an_array(value: object, shape: tuple[int, ...]) -> None:
    assert returned(value).array(shape=shape).shape == shape


def test_texts_of_very_different_length_are_not_padded_to_the_longest() -> None:
    answer = returned(["x" * 30_000] + ["y"] * 9_000)
    tracemalloc.start()

    with pytest.raises(WrongAnswer):
        answer.array()

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def test_another_shape_is_the_student_s_mistake() -> None:
    with pytest.raises(WrongAnswer, match=r"shape \(2,\), but \(2, 1\) was expected"):
        returned([1, 2]).array(shape=(2, 1))


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda it: it.W.array(), id="attribute"),
        pytest.param(lambda it: it(), id="call"),
        pytest.param(lambda it: setattr(it, "W", 1), id="setting"),
    ],
)
@pytest.mark.parametrize("value", [None, 1.0, np.ones(2)], ids=repr)
def test_plain_value_in_place_of_an_object_is_the_student_s_mistake(
    value: object, use: Callable[[Any], Any]
) -> None:
    with pytest.raises(WrongAnswer):
        use(returned(value))


@pytest.mark.parametrize("thing", [object(), "text", None], ids=repr)
def test_reader_takes_answers_only(thing: object) -> None:
    with pytest.raises(SuiteFailure):
        AnswerReader().numbers(thing)


def test_each_reading_is_a_copy() -> None:
    answer = returned(np.ones(2))

    numbers_of(answer)[:] = 0

    assert (numbers_of(answer) == 1).all()

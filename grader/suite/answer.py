"""An answer: what came back from a submission, not yet judged.

Only `check`, `submission` and `.array()` take it.
"""

from typing import Any, NoReturn, Protocol

import numpy as np

from grader.errors import SuiteFailure
from grader.sandbox.replies import Kept
from grader.suite.comparison import Numbers
from grader.suite.diagnosis import not_numbers, nothing
from grader.suite.outcomes import WrongAnswer


class Asker(Protocol):
    """What an answer needs of the case that it belongs to."""

    def call(
        self, target: int, path: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call what `path` leads to from an object inside."""

    def get(self, target: int, path: tuple[str, ...]) -> Any:
        """Read what `path` leads to: a plain value or `Kept`."""

    def put(self, target: int, path: tuple[str, ...], value: Any) -> None:
        """Set the attribute at the end of `path`."""


_UNREAD = object()


class Answer:
    """Stands for a value inside; every name on it is the student's, but for `array`."""

    __slots__ = (
        "_Answer__asker",
        "_Answer__label",
        "_Answer__path",
        "_Answer__target",
        "_Answer__value",
    )
    __asker: Asker
    __label: str
    __path: tuple[str, ...]
    __target: int
    __value: Any

    def __init__(
        self,
        asker: Asker,
        target: int,
        path: tuple[str, ...] = (),
        value: Any = _UNREAD,
        label: str = "",
    ) -> None:
        for name, what in zip(self.__slots__, (asker, label, path, target, value), strict=True):
            object.__setattr__(self, name, what)

    def array(self, shape: tuple[int, ...] | None = None) -> Numbers:
        """Return the plain array.

        Raises:
            WrongAnswer: there is none, or none of that `shape`, which ends the case.
        """
        numbers = numbers_of(self)
        if shape is not None and numbers.shape != shape:
            raise WrongAnswer(
                f"{describe(self)} an array of shape {numbers.shape}, but {shape} was expected."
            )
        return numbers

    def __getattr__(self, name: str) -> "Answer":
        """Return the answer for an attribute; nothing is read yet."""
        if name.startswith("__"):
            raise AttributeError(name)
        target = _target(self, name)
        path = (*self.__path, name)
        return Answer(self.__asker, target, path, label=name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute inside."""
        self.__asker.put(_target(self, name), (*self.__path, name), value)

    def __call__(self, *args: Any, **kwargs: Any) -> "Answer":
        """Call it inside."""
        value = self.__asker.call(_target(self, "()"), self.__path, args, kwargs)
        label = f"{self.__label} returned"
        return made(self.__asker, value, label)

    def __bool__(self) -> NoReturn:
        """Refuse: nothing may be judged but through `check`."""
        _refuse("bool()")

    def __eq__(self, other: object) -> NoReturn:
        """Refuse."""
        _refuse("==")

    def __ne__(self, other: object) -> NoReturn:
        """Refuse."""
        _refuse("!=")

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> NoReturn:
        """Refuse."""
        _refuse("len()")

    def __iter__(self) -> NoReturn:
        """Refuse."""
        _refuse("iteration")

    def __getitem__(self, key: object) -> NoReturn:
        """Refuse."""
        _refuse("[]")

    def __array__(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse."""
        _refuse("np.asarray()")

    def __array_function__(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse."""
        _refuse("a function of numpy")

    def __array_ufunc__(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse."""
        _refuse("a function of numpy")

    def __float__(self) -> NoReturn:
        """Refuse."""
        _refuse("float()")

    def __repr__(self) -> str:
        """Say what it stands for."""
        return f"<answer {'.'.join(self.__path) or self.__label}>"


def made(asker: Asker, value: Any, label: str) -> Answer:
    """Return the answer for what came back: a plain value, or an object that stayed inside."""
    if isinstance(value, Kept):
        return Answer(asker, value.number, (), value, label)
    return Answer(asker, 0, (), value, label)


def _only_numbers(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_only_numbers, value))
    return isinstance(value, bool | int | float | complex | np.ndarray)


def describe(answer: Answer) -> str:
    """Return how a sentence about it starts: "backward returned", "model.W is"."""
    label: str = object.__getattribute__(answer, "_Answer__label")
    return label if label.endswith(" returned") else f"{label} is"


def value_of(answer: Answer) -> Any:
    """Return the plain value or `Kept`, reading it from the child where it is an attribute."""
    value = object.__getattribute__(answer, "_Answer__value")
    if value is _UNREAD:
        asker = object.__getattribute__(answer, "_Answer__asker")
        target = object.__getattribute__(answer, "_Answer__target")
        return asker.get(target, object.__getattribute__(answer, "_Answer__path"))
    return value


def route_of(answer: Answer) -> tuple[int, tuple[str, ...]]:
    """Return the object and the path that lead to it."""
    return _target(answer, "()"), object.__getattribute__(answer, "_Answer__path")


def numbers_of(answer: Answer) -> Numbers:
    """Return the plain array of an answer.

    Raises:
        WrongAnswer: it is no array of numbers.
    """
    value = value_of(answer)
    subject = describe(answer)
    if value is None:
        raise WrongAnswer(nothing(subject))
    if isinstance(value, Kept):
        if value.type_name.startswith("class NotImplemented"):
            raise WrongAnswer(f"{subject} NotImplementedError: this method is not written yet.")
        raise WrongAnswer(not_numbers(subject, value.type_name))
    if isinstance(value, str | bytes | dict):
        raise WrongAnswer(f"{subject} a {type(value).__name__}, but numbers were expected.")
    if not _only_numbers(value):  # before numpy pads every text in it to the longest
        raise WrongAnswer(f"{subject} a {type(value).__name__} that holds more than numbers.")
    try:
        numbers = np.array(value)
    except ValueError:
        raise WrongAnswer(
            f"{subject} nested lists of uneven length, but one array was expected."
        ) from None
    if numbers.dtype.kind not in "buifc":
        raise WrongAnswer(f"{subject} a {type(value).__name__} that holds more than numbers.")
    return numbers


class AnswerReader:
    """How `check` reads answers."""

    def numbers(self, answer: object) -> Numbers:
        """Return the plain array of an answer; see `numbers_of`."""
        return numbers_of(_answer(answer))

    def describe(self, answer: object) -> str:
        """Return how a sentence about it starts; see `describe`."""
        return describe(_answer(answer))


def _answer(answer: object) -> Answer:
    if type(answer) is not Answer:
        raise SuiteFailure(
            f"check was given a {type(answer).__name__}, which is no answer and no number"
        )
    return answer


def _target(answer: Answer, name: str) -> int:
    """Return the object to ask; a plain value has nothing to ask."""
    value = object.__getattribute__(answer, "_Answer__value")
    if value is _UNREAD or isinstance(value, Kept):
        target: int = object.__getattribute__(answer, "_Answer__target")
        return target
    if value is None:
        raise WrongAnswer(nothing(describe(answer)))
    raise WrongAnswer(f"{describe(answer)} a {type(value).__name__}, which has no {name}.")


def _refuse(what: str) -> NoReturn:
    raise SuiteFailure(
        f"{what} on an answer that is not judged yet; use check.* or answer.array(shape=…)"
    )

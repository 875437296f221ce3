"""`check`, as a suite has it: comparisons that explain themselves."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NoReturn, Protocol

import numpy as np
import numpy.typing as npt

from grader.suite.comparison import Closeness, Difference, Numbers, as_numbers, compare, same
from grader.suite.diagnosis import explain
from grader.suite.outcomes import WrongAnswer

Outcomes = Mapping[str, npt.ArrayLike | Callable[[], npt.ArrayLike]]
"""What a student reads, and what the answer is when that mistake was made, or how to compute it."""
Mistakes = Outcomes | Callable[[], Outcomes]

_NO_MISTAKES: Mistakes = MappingProxyType({})
_PLAIN = (np.ndarray, np.generic, bool, int, float, complex, list, tuple)
_VERBS = (" is", " are", " returned")


class Reader(Protocol):
    """How `check` reads an answer: not by its own names, which are all the student's."""

    def numbers(self, answer: object) -> Numbers:
        """Return the plain array. Raises `CaseEnded` where the student answered something else."""

    def describe(self, answer: object) -> str:
        """Return how a sentence about it starts: "backward returned", "model.W is"."""


class Check:
    """Judges answers; what is not right ends the case as a `WrongAnswer`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def close(
        self,
        answer: object,
        expected: npt.ArrayLike,
        rtol: float = 0.0,
        atol: float = 0.0,
        flat: bool = False,
        name: str = "",
        mistakes: Mistakes = _NO_MISTAKES,
    ) -> None:
        """Compare shape, then values.

        Args:
            answer: an answer of the submission, or plain numbers computed from one.
            expected: finite numbers; one element stands for a scalar, here and in `answer`.
            rtol: allowed for each element, relative to the largest element of `expected`.
            atol: allowed for each element, absolute.
            flat: (N,) in answer to (N, 1) is taken in order.
            name: what the message calls the answer ("the update of model.W"), where the answer
                itself does not know; may end in its verb ("the losses are").
            mistakes: what the student reads when the answer equals the value beside it, or what
                returns such a mapping; tried before the diagnoses that need no list.

        Raises:
            WrongAnswer: it is not right; the message says what is wrong.
            SuiteFailure: `expected`, a tolerance or plain numbers make no sense.
        """
        closeness = Closeness(rtol, atol, flat)
        plain = issubclass(type(answer), _PLAIN)  # isinstance would ask the answer for its class
        numbers = as_numbers(answer if plain else self._reader.numbers(answer))  # type: ignore[arg-type]
        difference = compare(numbers, as_numbers(expected), closeness)
        if difference is None:
            return
        message = _named(difference, closeness, mistakes)
        subject = _subject(name) or ("the answer is" if plain else self._reader.describe(answer))
        raise WrongAnswer(message or explain(difference, subject, closeness))

    def that(self, condition: object, message: str) -> None:
        """End the case with `message` unless `condition` holds."""
        if not condition:
            raise WrongAnswer(message)

    def fail(self, message: str) -> NoReturn:
        """End the case with `message`."""
        raise WrongAnswer(message)


def _named(difference: Difference, closeness: Closeness, mistakes: Mistakes) -> str:
    with np.errstate(all="ignore"):  # a wrong formula may well overflow
        outcomes = mistakes() if callable(mistakes) else mistakes
        for message, outcome in outcomes.items():
            numbers = as_numbers(outcome() if callable(outcome) else outcome)
            if same(difference.answer, numbers, closeness):
                return message
    return ""


def _subject(name: str) -> str:
    return name if not name or name.endswith(_VERBS) else f"{name} is"

"""Stand-ins: instances of the scaffold's classes inside, whose listed methods run outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.suite.answer import Answer


@dataclass(frozen=True)
class Outside:
    """A method that runs outside.

    `function(state, *args, **kwargs)` returns `(answer, changes)`: `state` maps each attribute path
    in `reads` ("W", "model.W") to its value on the instance, `changes` maps attribute paths to what
    they become. It must be pure.
    """

    function: Callable[..., tuple[Any, Mapping[str, Any]]]
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class FunctionOutside:
    """A plain function that runs outside, by its number in the run."""

    number: int


@dataclass(frozen=True)
class StandInClass:
    """A class inside, made from the scaffold's; a call makes an instance."""

    number: int
    name: str
    make: Callable[..., Answer]

    def __call__(self, *args: Any, **kwargs: Any) -> Answer:
        """Make an instance inside."""
        return self.make(self, args, kwargs)

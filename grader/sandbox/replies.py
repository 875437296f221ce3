"""What a child's replies say, and how a call of its is answered: from frames to plain values."""

from dataclasses import dataclass
from typing import Any, NoReturn

from grader.errors import SuiteFailure
from grader.sandbox.endings import Ending, Failure, Frame
from grader.sandbox.inside import frames
from grader.sandbox.inside.values import Decoder, Encoder, TooLarge, Unsayable

_FRAMES = 20


@dataclass(frozen=True)
class Kept:
    """An object that stays in the child, by its number."""

    number: int
    type_name: str


@dataclass(frozen=True)
class CaseEnd:
    """What a case printed, and what is to be noted about its imports."""

    output: str
    truncated: bool
    stubs: tuple[tuple[str, int, str], ...]
    replaced: tuple[tuple[str, str], ...]


def value_of(node: Any, payload: memoryview) -> Any:
    """Return the plain value of a node, or `Kept` for an object that stays inside.

    Raises:
        Unsayable: it is of no form that a child may send.
    """
    decoder = Decoder(payload, refuse)
    if type(node) is list and len(node) == 3 and node[0] == "o":
        _tag, number, type_name = node
        if type(number) is int and type(type_name) is str:
            return Kept(number, type_name)
    value = decoder.value(node)
    decoder.finish()
    return value


def returned(number: int, value: Any, changes: Any) -> tuple[frames.Request, list[bytes]]:
    """Say what a function outside returned.

    Raises:
        ValueError: it is too large, as what a student handed over can make it.
        SuiteFailure: it is of a type that cannot be sent.
    """
    encoder = Encoder(_nothing_special)
    try:
        nodes = encoder.node(value), encoder.node(changes)
    except TooLarge as error:
        raise ValueError(str(error)) from None
    except Unsayable as error:
        raise SuiteFailure(f"a function outside returned what cannot be sent: {error}") from error
    return frames.Return(number, *nodes), encoder.buffers


def _nothing_special(value: Any) -> None:
    """Know no values but plain ones."""


def refuse(tag: str, node: list[Any]) -> NoReturn:
    """Refuse what only a judge may name: objects within values, functions and classes."""
    raise Unsayable(f"a child may not send {tag!r}")


_KINDS = {
    "error": Ending.RAISED,
    "memory": Ending.OUT_OF_MEMORY,
    "unsayable": Ending.UNSAYABLE,
    "too_large": Ending.TOO_LARGE,
}


def failure_of(reply: frames.Raised) -> Failure:
    """Return what an exception that left the student's code says.

    Raises:
        BadFrame: it says what no honest child does.
    """
    if reply.kind not in _KINDS:
        raise frames.BadFrame("an unknown kind of error")
    where = tuple(Frame(*frame) for frame in reply.frames[:_FRAMES])
    return Failure(_KINDS[reply.kind], reply.error, reply.message, where, reply.missing_module)

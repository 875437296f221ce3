"""A conversation of no consequence, had by a zygote before it forks.

It goes on until Python has specialised the code on the way (https://peps.python.org/pep-0659), so
that children inherit that, and neither do it themselves nor write to the pages it lies in.
"""

import contextlib
import marshal
import sys
import warnings
from functools import cache

import numpy as np

from grader.sandbox.inside import frames
from grader.sandbox.inside.child import Child, Stream
from grader.sandbox.inside.values import Encoder

_UPLOAD = "_rehearsal.py"
_SCAFFOLD = "_rehearsed.scaffold"
_FILES = {_UPLOAD: "_rehearsed.module"}
_BASE = """
class Base:
    W = 1.0

    def forward(self, x):
        raise NotImplementedError
"""
_SOURCE = b"""
import numpy as np

from _rehearsed.scaffold import Base

class Model(Base):
    def forward(self, x):
        print("rehearsed")
        self.W = 1 / (1 + np.exp(-x))
        return self.W

def use(cls, x):
    return cls().forward(x)
"""


class _Over(BaseException):
    """The conversation has ended."""


class _Script(Stream):
    """What is asked is known beforehand, and what is answered concerns nobody."""

    def __init__(self, lines: bytes) -> None:
        super().__init__(-1)
        self._buffer = lines

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        if not self._buffer:
            raise _Over
        return super().read(size)

    def write(self, data: bytes) -> None:
        """Write nothing."""


def rehearse() -> None:
    """Have the conversation, and leave no trace of it but in what Python keeps of its own."""
    child, streams = Child(_Script(_lines())), (sys.stdout, sys.stderr)
    with warnings.catch_warnings(), np.errstate(), contextlib.suppress(_Over):
        child.serve()
    sys.stdout, sys.stderr = streams
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not child.modules]
    for name in [name for name in sys.modules if name.startswith("_rehears")]:
        del sys.modules[name]


@cache
def _lines() -> bytes:
    """Return what is asked, in one piece."""
    code = marshal.dumps(compile(_BASE, _SCAFFOLD, "exec"))
    numbers = Encoder(lambda value: None)
    one_array = numbers.node(((np.ones((2, 1)),), {}))
    answer = Encoder(lambda value: None)
    returned = answer.node(np.ones((2, 1))), answer.node({"W": 2.0})
    lines: list[tuple[frames.Request, list[bytes]]] = [
        (
            frames.Setup(
                {_SCAFFOLD: code}, ["_rehearsed"], _FILES, [_UPLOAD], [len(_SOURCE)], {}, []
            ),
            [_SOURCE],
        ),
        (frames.Begin(1, 1024, []), []),
        (frames.StandIn(1, f"{_SCAFFOLD}:Base", {"forward": (1, ["W"])}), []),
        (frames.Import(1, _UPLOAD), []),
        (frames.Call(2, 1, ["Model"], ["t", [["t", []], ["d", []]]]), []),
        (frames.Call(3, 2, ["forward"], one_array), numbers.buffers),
        (frames.Get(4, 2, ["W"]), []),
        (frames.Set(5, 2, ["W"], 1.0), []),
        (frames.Call(6, 0, ["1"], ["t", [["t", []], ["d", []]]]), []),
        (frames.Call(7, 3, ["forward"], one_array), numbers.buffers),
        (frames.Return(2, *returned), answer.buffers),
        (frames.Call(8, 2, ["absent"], one_array), numbers.buffers),  # an AttributeError
        (frames.End(9), []),
    ]
    return b"".join(frames.pack(request, buffers) for request, buffers in lines)

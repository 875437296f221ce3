"""How a request to a child, or the child itself, can end.

Facts only: what they mean for points is decided elsewhere.
"""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """Why there is no answer."""

    RAISED = "raised"  # an exception left the student's code
    OUT_OF_MEMORY = "out_of_memory"  # a MemoryError left it, or the process died near its limit
    UNSAYABLE = "unsayable"  # the answer cannot be sent
    TOO_LARGE = "too_large"  # the answer could be sent, were it smaller
    CPU_TIME = "cpu_time"  # the limit is used up, in CPU or in standing in line for a core
    WALL_TIME = "wall_time"  # the backstop for sleepers, who hardly use any CPU
    EXITED = "exited"  # the process ended itself
    CRASHED = "crashed"  # a signal of its own making, such as a segmentation fault
    MISBEHAVED = "misbehaved"  # it sent something that is no reply


@dataclass(frozen=True)
class Frame:
    """A line of the submission that a traceback goes through."""

    file: str
    line: int
    function: str


@dataclass(frozen=True)
class Failure:
    """No answer, and why.

    The texts come from hostile code: bounded, but to be made printable before they are shown.
    """

    ending: Ending
    error: str = ""  # the exception's type
    message: str = ""
    frames: tuple[Frame, ...] = ()
    missing_module: str = ""
    importing: str = ""  # upload name of the sibling whose code ran when the child was lost

    @property
    def lost_child(self) -> bool:
        """Whether the child is gone, so that what follows needs another."""
        return self.ending in _LOST


_LOST = frozenset(
    {Ending.CPU_TIME, Ending.WALL_TIME, Ending.EXITED, Ending.CRASHED, Ending.MISBEHAVED}
)

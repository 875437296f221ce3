"""The judge's end of a lease: it asks the zygote for children and for their end.

It holds no right to fork or to kill by itself.
"""

import os
import signal
import socket
import time
from dataclasses import dataclass

from grader.errors import SandboxFailure
from grader.sandbox.inside.zygote_protocol import END, ENDED, TAKE, TAKEN

_ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Ended:
    """How a child ended: its wait status, CPU seconds, peak resident bytes.

    `wanting`: when it was killed it ran, or stood in line for a core.
    """

    status: int
    cpu_seconds: float
    peak_bytes: int
    wanting: bool

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it, which a child cannot send itself."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL


@dataclass(frozen=True)
class Process:
    """A locked child: its process id and the stream to it."""

    pid: int
    stream: socket.socket

    def cpu_seconds(self) -> float:
        """Read the child's CPU clock.

        The id of another process's clock is made as in clock_getcpuclockid(3).
        """
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:  # it has ended
            return 0.0


class Lease:
    """Children, one at a time or several, of one judge."""

    def __init__(self, link: socket.socket) -> None:
        link.settimeout(_ANSWER_SECONDS)
        self._link = link

    def take(self, memory_bytes: int, cpu_seconds: int) -> Process:
        """Take a child that is locked and has seen nothing yet.

        Raises:
            SandboxFailure: the zygote is gone or cannot fork.
            SandboxUnavailable: the child could not be locked.
        """
        try:
            self._link.send(TAKE.pack(b"T", memory_bytes, cpu_seconds))
            data, descriptors, _flags, _address = socket.recv_fds(self._link, TAKEN.size, 1)
        except OSError as error:
            raise SandboxFailure(f"the zygote does not answer: {error}") from error
        if not descriptors:
            reason = (
                os.strerror(-TAKEN.unpack(data)[0]) if len(data) == TAKEN.size else "it is gone"
            )
            raise SandboxFailure(f"the zygote gave no child: {reason}")
        stream = socket.socket(fileno=descriptors[0])
        stream.settimeout(_ANSWER_SECONDS)
        if stream.recv(1) != b"!":
            raise SandboxFailure("a child could not be locked")
        return Process(TAKEN.unpack(data)[0], stream)

    def end(self, process: Process, at_once: bool) -> Ended:
        """Have a child ended (`at_once`, or when it has ended itself) and learn how it went.

        Raises:
            SandboxFailure: the zygote is gone.
        """
        try:
            self._link.send(END.pack(b"K" if at_once else b"R", process.pid))
            data = self._link.recv(ENDED.size)
        except OSError as error:
            raise SandboxFailure(f"the zygote does not answer: {error}") from error
        if len(data) != ENDED.size:
            raise SandboxFailure("the zygote is gone")
        status, seconds, peak, wanting = ENDED.unpack(data)
        return Ended(status, seconds, peak * 1024, wanting)

    def drop(self, process: Process) -> None:
        """Have a child killed, and hear nothing of it.

        Raises:
            SandboxFailure: the zygote is gone.
        """
        try:
            self._link.send(END.pack(b"D", process.pid))
        except OSError as error:
            raise SandboxFailure(f"the zygote is gone: {error}") from error

    def close(self) -> None:
        """Give all children back to be ended."""
        self._link.close()

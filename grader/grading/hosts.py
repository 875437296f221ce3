"""The worker's end of a suite host: starts it for one suite version, hands it runs, ends it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from grader.domain.runs import SuiteFolder
from grader.errors import SandboxFailure, SuiteFailure
from grader.sandbox.zygote import Zygote, end_with_offspring, keep_to
from grader.suite.host import Hello

_START_SECONDS = 120.0
_HELLO_BYTES = 128 << 10
_VARIABLES = ("PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class SuiteHost:
    """A running host. `cases` says what it collected."""

    def __init__(self, suite: SuiteFolder, zygote: Zygote, core: int | None = None) -> None:
        """Start the process, kept to `core` if one is named; wait until it has collected the suite.

        Raises:
            SuiteFailure: the suite cannot be collected.
            SandboxFailure: the process was lost before it was ready.
        """
        self.suite = suite
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(suite.path), str(theirs.fileno()), str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, and words of ours)
            [sys.executable, "-P", "-B", "-m", "grader.suite.host", *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            process_group=0,
            cwd="/",
        )
        keep_to(core, self._process)
        theirs.close()
        try:
            self._hand_over([zygote.lease()])
            self.cases = self._hello()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def judge(self, channel: socket.socket, lease: socket.socket) -> None:
        """Have a judge forked for one run; both ends are given away.

        Raises:
            SandboxFailure: the host is gone.
        """
        self._hand_over([channel, lease])

    def close(self) -> None:
        """End the process, and any judge with it."""
        self._control.close()
        end_with_offspring(self._process)

    def _hand_over(self, sockets: list[socket.socket]) -> None:
        try:
            socket.send_fds(self._control, [b"R"], [each.fileno() for each in sockets])
        except OSError as error:
            raise SandboxFailure(f"the suite host is gone: {error}") from error
        finally:
            for each in sockets:
                each.close()

    def _hello(self) -> list[dict[str, str | float]]:
        self._control.settimeout(_START_SECONDS)
        try:
            data = self._control.recv(_HELLO_BYTES)
        except OSError as error:
            raise SandboxFailure(f"the suite host did not start: {error}") from error
        if not data:
            raise SandboxFailure("the suite host ended before it was ready")
        self._control.settimeout(None)
        hello = msgspec.json.decode(data, type=Hello)
        if hello.error:
            raise SuiteFailure(
                f"the suite of {self.suite.assignment.name} cannot be used: {hello.error}"
            )
        return hello.cases


def _environment() -> dict[str, str]:
    package = str(Path(__file__).parents[2])
    fixed = {
        "PYTHONPATH": package,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONWARNINGS": "ignore",  # a suite's author meets them under plain pytest
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }
    return fixed | {name: os.environ[name] for name in _VARIABLES if name in os.environ}

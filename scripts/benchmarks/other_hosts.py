"""Starts suite hosts that do one thing otherwise, to be compared with the usual one."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from grader.domain.runs import SuiteFolder
from grader.grading import hosts
from grader.grading.hosts import SuiteHost
from grader.sandbox.zygote import keep_to

_ROOT = Path(__file__).parents[2]


class Leases(Protocol):
    """Whoever gives out leases."""

    def lease(self) -> socket.socket:
        """Return a new lease."""


class OtherHost(SuiteHost):
    """A suite host whose process is the module `program`."""

    def __init__(
        self, suite: SuiteFolder, leases: Leases, program: str, core: int | None = None
    ) -> None:
        self.suite = suite
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(suite.path), str(theirs.fileno()), str(os.getpid())]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", program, *arguments],
            env={**hosts._environment(), "PYTHONPATH": str(_ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            process_group=0,
            cwd="/",
        )
        keep_to(core, self._process)
        theirs.close()
        self._hand_over([leases.lease()])
        self.cases = self._hello()

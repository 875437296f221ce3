"""The locks without a change of user, as where an ordinary user runs the grader."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Locks itself as a zygote's child does, says so, and stays for as long as it is looked at.
LOCKED = """
import os, sys
from grader.sandbox.inside import landlock, seccomp
from grader.sandbox.inside.lockdown import STREAM, Limits, Locks, lock

null = os.open(os.devnull, os.O_RDWR)
locks = Locks(landlock.ruleset([]), seccomp.program(), null, None)
lock(locks, int(sys.argv[1]), Limits(1 << 30, 10), 1 << 30)
os.write(STREAM, b"!")
os.read(STREAM, 1)
os._exit(0)
"""


@pytest.fixture
def status() -> Iterator[dict[str, str]]:
    """Give what the kernel says of a locked process."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", LOCKED, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={"PYTHONPATH": str(ROOT)},
        )
        theirs.close()
        assert ours.recv(1) == b"!"
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        yield dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert process.wait() == 0


def test_no_capability_is_left(status: dict[str, str]) -> None:
    held = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff")}

    assert held == {"CapInh": 0, "CapPrm": 0, "CapEff": 0}


def test_filter_is_in_force_and_no_new_rights_can_be_had(status: dict[str, str]) -> None:
    assert status["Seccomp"] == "2"
    assert status["NoNewPrivs"] == "1"

"""The names under which slots hold runs."""

import os
import secrets
import socket
from functools import cache
from pathlib import Path

_HOST_CHARACTERS = 40


def new_owner() -> str:
    """Return a name that no other slot has had: machine, process and a random part."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"


def host() -> str:
    """Return this machine's name for itself, which another may have, too."""
    return socket.gethostname()[:_HOST_CHARACTERS]


def is_here(owner: str) -> bool:
    """Return whether an owner's process is, or was, one that this process could see."""
    return _place(owner)[0] == _machine()


def same_process(owner: str, other: str) -> bool:
    """Return whether two names are of one process."""
    return _place(owner) == _place(other)


def owner_is_dead(owner: str) -> bool:
    """Return whether an owner's process was one that we could see, and is no more.

    A hint that saves waiting for the lease: were it wrong, a run would be done twice, count once.
    """
    machine, process = _place(owner)
    if machine != _machine() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _place(owner: str) -> tuple[str, str]:
    machine, _, process = owner.rpartition(":")[0].rpartition(":")
    return machine, process


@cache
def _machine() -> str:
    # Copies of a machine share its name, and containers even its kernel: process ids are one
    # kernel's since it was started, and within it one namespace's.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    namespace = Path("/proc/self/ns/pid").stat().st_ino
    return f"{host()}/{boot}-{namespace:x}"

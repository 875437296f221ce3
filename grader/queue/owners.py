"""The names under which slots hold runs."""

import os
import secrets
import socket

_HOST_CHARACTERS = 40


def new_owner() -> str:
    """Return a name that no other slot has had: machine, process and a random part."""
    return f"{_host()}:{os.getpid()}:{secrets.token_hex(8)}"


def owner_is_dead(owner: str) -> bool:
    """Return whether an owner's process was of this machine and is no more.

    A hint that saves waiting for the lease: were it wrong, a run would be done twice, count once.
    """
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    if host != _host() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _host() -> str:
    return socket.gethostname()[:_HOST_CHARACTERS]

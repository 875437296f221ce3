"""Landlock: which files a process may read; no network, signals or abstract sockets of others.

Numbers from include/uapi/linux/landlock.h; what each ABI added from https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.sandbox.inside import kernel

READ_FILE, READ_DIR = 1 << 2, 1 << 3
_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS = 0b11  # bind and connect TCP, from ABI 4
_SCOPES = 0b11  # abstract unix sockets and signals, from ABI 6
_RULE_PATH_BENEATH = 1
_GET_ABI = 1


class _RulesetAttr(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def abi() -> int:
    """Return the kernel's Landlock ABI, 0 where it has none or it is switched off."""
    try:
        return kernel.syscall(
            "landlock abi", kernel.SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _GET_ABI
        )
    except OSError:
        return 0


def ruleset(readable: Iterable[str], listable: Iterable[str] = ()) -> int:
    """Return a descriptor of a ruleset that lets one read beneath `readable` and list `listable`.

    Raises:
        OSError: no Landlock here.
    """
    version = abi()
    rights = max(mask for since, mask in _FS_RIGHTS.items() if since <= max(version, 1))
    attributes = _RulesetAttr(
        rights, _NET_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    made = kernel.syscall(
        "landlock_create_ruleset",
        kernel.SYS_LANDLOCK_CREATE_RULESET,
        ctypes.byref(attributes),
        ctypes.c_size_t(size),
        0,
    )
    for path in readable:
        _allow(made, path, READ_FILE | (READ_DIR if Path(path).is_dir() else 0))
    for path in listable:
        _allow(made, path, READ_DIR)
    return made


def restrict(made: int) -> None:
    """Hold this thread and all it starts to a ruleset, for good; no_new_privs must be set."""
    kernel.syscall(
        "landlock_restrict_self", kernel.SYS_LANDLOCK_RESTRICT_SELF, ctypes.c_int(made), 0
    )


def _allow(made: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = _PathBeneath(rights, parent)
        kernel.syscall(
            "landlock_add_rule",
            kernel.SYS_LANDLOCK_ADD_RULE,
            ctypes.c_int(made),
            _RULE_PATH_BENEATH,
            ctypes.byref(rule),
            0,
        )
    finally:
        os.close(parent)

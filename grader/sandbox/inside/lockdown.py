"""What happens to a child between its fork and its first byte from a student, in this order.

The musts (rlimits, no_new_privs, Landlock, seccomp) raise `OSError` where they fail, and the child
ends unused.
"""

import fcntl
import os
import resource
from dataclasses import dataclass

from grader.sandbox.inside import kernel, landlock, seccomp

STREAM = 3  # the descriptor of the conversation, alone besides /dev/null on 0, 1 and 2
_OPEN_FILES = 64


@dataclass(frozen=True)
class Limits:
    """What one child may use: bytes beyond those it starts with, CPU seconds as a backstop."""

    memory_bytes: int
    cpu_seconds: int


@dataclass(frozen=True)
class Locks:
    """What a zygote prepares once for all its children."""

    ruleset: int  # descriptor, of Landlock
    program: bytes  # for seccomp
    null: int  # descriptor, of /dev/null
    uid: int | None  # None: the zygote's own


def lock(locks: Locks, stream: int, limits: Limits, start_bytes: int) -> None:
    """Give up everything but the stream.

    `start_bytes` is the address space that a child starts with.

    Raises:
        OSError: a layer that must hold does not.
    """
    ruleset, null, moved = (
        _above(descriptor) for descriptor in (locks.ruleset, locks.null, stream)
    )
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.dup2(moved, STREAM)
    os.dup2(ruleset, STREAM + 1)
    os.closerange(STREAM + 2, 1 << 20)
    _limit(limits, start_bytes)
    if locks.uid is not None:
        os.setgroups([])
        os.setresgid(locks.uid, locks.uid, locks.uid)
        os.setresuid(locks.uid, locks.uid, locks.uid)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)  # after the change of user, which clears it
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict(STREAM + 1)
    os.close(STREAM + 1)
    seccomp.restrict(locks.program)


def _above(descriptor: int) -> int:
    """Move a descriptor out of the way of the numbers that dup2 is about to overwrite."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 100)


def _limit(limits: Limits, start_bytes: int) -> None:
    space = start_bytes + limits.memory_bytes
    for kind, most in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_STACK, 8 << 20),
    ):
        hard = resource.getrlimit(kind)[1]
        bounded = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bounded, bounded))

"""The system calls that Python 3.11 has no function for, through libc.

Each raises `OSError`, with the call's name in its message.
"""

import contextlib
import ctypes
import os
import signal

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_lock = ctypes.PyDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT = 1, 2, 4, 32
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
MNT_DETACH = 2

# The same number on every architecture: they came after the tables were made one (kernel 5.1).
SYS_LANDLOCK_CREATE_RULESET, SYS_LANDLOCK_ADD_RULE, SYS_LANDLOCK_RESTRICT_SELF = 444, 445, 446
SYS_CLONE = {"x86_64": 56, "aarch64": 220}
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
_MACHINE = os.uname().machine

_THIS_THREAD = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
_NO_CAPABILITIES = (ctypes.c_uint32 * 6)()


def _checked(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def prctl(option: int, *values: int) -> int:
    """Call prctl(2), its unused arguments zero."""
    padded = [*values, 0, 0, 0, 0][:4]
    return _checked(f"prctl({option})", _libc.prctl(option, *map(ctypes.c_ulong, padded)))


def syscall(name: str, number: int, *values: object) -> int:
    """Call syscall(2); `name` is for the error."""
    return _checked(name, _libc.syscall(ctypes.c_long(number), *values))


def unshare(flags: int) -> None:
    """Leave namespaces; see unshare(2)."""
    _checked("unshare", _libc.unshare(ctypes.c_int(flags)))


def fork_into_process_namespace() -> int:
    """Fork a child that is the first in a process namespace of its own; see clone(2).

    Leaving for a namespace with unshare(2) and coming back with setns(2) would need rights over the
    namespace that we came from, which an ordinary user lacks. The interpreter is told as by
    `os.fork`; that libc is not costs nothing in a process of one thread.
    """
    ctypes.pythonapi.PyOS_BeforeFork()
    # Through PyDLL: the interpreter's lock is kept, and so held by the child from the start.
    pid = _libc_with_lock.syscall(
        ctypes.c_long(SYS_CLONE[_MACHINE]),
        ctypes.c_ulong(CLONE_NEWPID | signal.SIGCHLD),
        *(ctypes.c_ulong(0) for _ in range(4)),
    )
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    else:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
    return _checked("clone", pid)


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount; see mount(2)."""
    encoded = [None if text is None else text.encode() for text in (source, target, kind)]
    _checked(
        f"mount {target}",
        _libc.mount(*encoded, ctypes.c_ulong(flags), None if data is None else data.encode()),
    )


def unmount(target: str, flags: int) -> None:
    """Unmount; see umount2(2)."""
    _checked(f"umount {target}", _libc.umount2(target.encode(), ctypes.c_int(flags)))


def pivot_root(new: str, old: str) -> None:
    """Swap the root; see pivot_root(2)."""
    syscall("pivot_root", SYS_PIVOT_ROOT[_MACHINE], new.encode(), old.encode())


def bound_capabilities() -> None:
    """Empty the bounding and ambient sets, which children inherit; see capabilities(7)."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # beyond the kernel's last one (EINVAL), or not ours to drop (EPERM)
            break
    with contextlib.suppress(OSError):  # a kernel without ambient capabilities has none to clear
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def drop_capabilities() -> None:
    """Empty the permitted, effective and inheritable sets of this thread; see capabilities(7)."""
    syscall("capset", SYS_CAPSET[_MACHINE], _THIS_THREAD, _NO_CAPABILITIES)

"""What the probes run inside a locked child: each tries one thing that must be refused.

A function returns what it got hold of, or raises what stopped it. The source is sent like a
student's file, so each imports what it needs by itself.
"""

from typing import NoReturn


def read_file(path: str) -> object:
    """Read a file that is no part of Python or numpy."""
    with open(path, "rb") as stream:
        return len(stream.read(1 << 20))


def list_root(path: str) -> object:
    """List the root folder, which Landlock refuses even where it is empty."""
    import os

    return os.listdir("/")


def stat_file(path: str) -> object:
    """Learn that a file is there."""
    import os

    return os.stat(path).st_size


def change_mode(path: str) -> object:
    """Change a file's mode; Landlock does not cover metadata, seccomp must."""
    import os

    os.chmod(os.__file__, 0o777)
    return "changed"


def write_file(path: str) -> object:
    """Write a file."""
    for folder in ("/tmp", "/dev/shm", "/", "."):
        try:
            with open(folder + "/grader-probe", "w") as stream:
                stream.write("x")
            return folder
        except OSError as error:
            refused = error
    raise refused


def connect(path: str) -> object:
    """Open a socket."""
    import socket

    socket.socket().connect(("127.0.0.1", 9))
    return "connected"


def fork(path: str) -> object:
    """Start a process."""
    import os

    if os.fork() == 0:
        os._exit(0)
    return "forked"


def start_thread(path: str) -> object:
    """Start a thread."""
    import _thread

    return _thread.start_new_thread(int, ())


def execute(path: str) -> NoReturn:
    """Run a program."""
    import os
    import sys

    os.execv(sys.executable, [sys.executable, "-c", "pass"])


def send_signal(path: str) -> object:
    """Send a signal, to itself for a start."""
    import os

    os.kill(os.getpid(), 0)
    return "sent"


def trace(path: str) -> object:
    """Become a tracee (ptrace), through libc."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "traced"


def raise_limits(path: str) -> object:
    """Lift its own memory limit."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "lifted"


def new_user_namespace(path: str) -> object:
    """Make a user namespace, and with it capabilities."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "made"

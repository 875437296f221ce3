"""The system calls that a child may make: an allow-list with checked arguments, as a BPF program.

Not there, so refused with EPERM: fork, exec, threads, sockets, pipes, signals to anyone (a child
cannot even kill itself, so a SIGKILL is always somebody else's), timers that send signals, limits,
writing opens, every change of metadata, namespaces, mounts, ptrace, io_uring, bpf, keys,
userfaultfd, memfd and whatever a later kernel adds. Format of the program:
https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

import ctypes
import errno
import os
import struct

from grader.sandbox.inside import kernel

# name -> numbers on (x86_64, aarch64); None: that architecture does without it.
# Most used first: the kernel tries in order.
_PLAIN: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "brk": (12, 214),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "futex": (202, 98),
    "clock_gettime": (228, 113),
    "lseek": (8, 62),
    "close": (3, 57),
    "fstat": (5, 80),
    "stat": (4, None),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "getdents64": (217, 61),
    "pread64": (17, 67),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "getcwd": (79, 17),
    "mprotect": (10, 226),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getgroups": (115, 158),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "times": (100, 153),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "fadvise64": (221, 223),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_OPENAT, _OPEN, _FCNTL, _IOCTL = (257, 56), (2, None), (72, 25), (16, 29)
_PRLIMIT64, _CLONE3 = (302, 261), (435, 435)
_O_TMPFILE = 0o20000000  # without the O_DIRECTORY that os.O_TMPFILE holds, which reading needs too
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | _O_TMPFILE
_FCNTL_COMMANDS = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC
# TCGETS, FIONCLEX, FIOCLEX: what Python's open and isatty ask.
_IOCTL_COMMANDS = (0x5401, 0x5450, 0x5451)

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _ABOVE_OR_EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_SECCOMP_MODE_FILTER = 2

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def program() -> bytes:
    """Assemble the allow-list for this machine.

    Raises:
        OSError: the architecture has no table.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        raise OSError(
            errno.ENOSYS, f"no table of system calls for {machine}; x86_64 and aarch64 have one"
        )
    column, audit = _ARCHITECTURES[machine]
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_ABOVE_OR_EQUAL, 0, 1, 0x40000000),  # x32 calls slip past a table of x86_64 numbers
        (_RETURN, 0, 0, _KILL),
    ]
    for numbers in _PLAIN.values():
        code += _when(numbers[column], [(_RETURN, 0, 0, _ALLOW)])
    code += _when(_OPENAT[column], _refuse_bits(2, _WRITING, errno.EACCES))
    code += _when(_OPEN[column], _refuse_bits(1, _WRITING, errno.EACCES))
    code += _when(_FCNTL[column], _allow_values(1, _FCNTL_COMMANDS, errno.EPERM))
    code += _when(_IOCTL[column], _allow_values(1, _IOCTL_COMMANDS, errno.ENOTTY))
    code += _when(_PRLIMIT64[column], _only_zeros(((0, 0), (2, 0), (2, 4))))
    # So that libc asks for clone, and hears EPERM.
    code += _when(_CLONE3[column], [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)])
    code.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def restrict(assembled: bytes) -> None:
    """Hold this thread and all it starts to the allow-list, for good; no_new_privs must be set."""
    filters = _Program(len(assembled) // 8, assembled)
    kernel.prctl(kernel.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filters))


def _when(number: int | None, body: list[Instruction]) -> list[Instruction]:
    return [] if number is None else [(_EQUAL, 0, len(body), number), *body]


def _refuse_bits(argument: int, bits: int, error: int) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
        (_ANY_BIT, 0, 1, bits),
        (_RETURN, 0, 0, _ERRNO | error),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _allow_values(argument: int, values: tuple[int, ...], error: int) -> list[Instruction]:
    checks: list[Instruction] = []
    for value in values:
        checks += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *checks, (_RETURN, 0, 0, _ERRNO | error)]


def _only_zeros(words: tuple[tuple[int, int], ...]) -> list[Instruction]:
    code: list[Instruction] = []
    for argument, half in words:
        code += [
            (_LOAD, 0, 0, _ARGUMENTS + 8 * argument + half),
            (_EQUAL, 1, 0, 0),
            (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        ]
    return [*code, (_RETURN, 0, 0, _ALLOW)]

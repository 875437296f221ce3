"""The seccomp program, run on made-up system calls by a small machine."""

import errno
import os
import struct
from collections.abc import Mapping

import pytest

from grader.sandbox.inside import seccomp

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[os.uname().machine]
COLUMN = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
# name -> numbers on (x86_64, aarch64), from the kernel's tables
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "pidfd_send_signal": (424, 424),
    "rt_sigqueueinfo": (129, 138),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "pipe2": (293, 59),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "unlinkat": (263, 35),
    "mkdirat": (258, 34),
    "renameat2": (316, 276),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "setrlimit": (160, 164),
    "setuid": (105, 146),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "setitimer": (38, 103),
    "timer_create": (222, 107),
    "a call of tomorrow": (999, 999),
}


def verdict_on(number: int, arguments: tuple[int, ...] = (), audit: int = AUDIT) -> int:
    """Interpret the program as the kernel does (https://docs.kernel.org/bpf/classic_vs_extended.html)."""
    data = struct.pack("<IIQ6Q", number, audit, 0, *(*arguments, *[0] * 6)[:6])
    instructions = list(struct.iter_unpack("<HBBI", seccomp.program()))
    accumulator = place = 0
    while True:
        code, if_true, if_false, value = instructions[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            return int(value)
        else:
            holds = {
                0x15: accumulator == value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[code]
            place += if_true if holds else if_false


def numbered(table: Mapping[str, tuple[int | None, int | None]]) -> list[object]:
    return [
        pytest.param(numbers[COLUMN], id=name)
        for name, numbers in table.items()
        if numbers[COLUMN] is not None
    ]


@pytest.mark.parametrize("number", numbered(seccomp._PLAIN))
def test_call_of_the_table_is_allowed(number: int) -> None:
    assert verdict_on(number) == ALLOW


@pytest.mark.parametrize("number", numbered(FORBIDDEN))
def test_call_that_reaches_others_is_refused(number: int) -> None:
    assert verdict_on(number) == ERRNO | errno.EPERM


def test_clone3_is_said_to_be_missing_so_that_libc_asks_for_clone() -> None:
    assert verdict_on(435) == ERRNO | errno.ENOSYS


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param(os.O_RDONLY | os.O_CLOEXEC, ALLOW, id="reading"),
        pytest.param(os.O_RDONLY | os.O_DIRECTORY, ALLOW, id="listing"),
        pytest.param(os.O_PATH, ALLOW, id="naming"),
        pytest.param(os.O_WRONLY, ERRNO | errno.EACCES, id="writing"),
        pytest.param(os.O_RDWR, ERRNO | errno.EACCES, id="both"),
        pytest.param(os.O_RDONLY | os.O_CREAT, ERRNO | errno.EACCES, id="creating"),
        pytest.param(os.O_RDONLY | os.O_TRUNC, ERRNO | errno.EACCES, id="emptying"),
        pytest.param(os.O_TMPFILE, ERRNO | errno.EACCES, id="file without a name"),
    ],
)
def test_files_are_opened_for_reading_only(flags: int, expected: int) -> None:
    openat = (257, 56)[COLUMN]

    assert verdict_on(openat, (0, 0, flags)) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param((0, 7, 0), ALLOW, id="reading its own"),
        pytest.param((0, 7, 1 << 12), ERRNO | errno.EPERM, id="setting its own"),
        pytest.param((0, 7, 1 << 40), ERRNO | errno.EPERM, id="setting, in the upper half"),
        pytest.param((1234, 7, 0), ERRNO | errno.EPERM, id="another process"),
    ],
)
def test_limits_are_read_of_itself_only(arguments: tuple[int, ...], expected: int) -> None:
    assert verdict_on((302, 261)[COLUMN], arguments) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(1030, ALLOW, id="duplicating"),
        pytest.param(3, ALLOW, id="reading flags"),
        pytest.param(4, ERRNO | errno.EPERM, id="setting flags"),
        pytest.param(8, ERRNO | errno.EPERM, id="setting an owner, who gets signals"),
        pytest.param(1031, ERRNO | errno.EPERM, id="growing a pipe"),
    ],
)
def test_fcntl_commands_are_checked(command: int, expected: int) -> None:
    assert verdict_on((72, 25)[COLUMN], (0, command)) == expected


def test_terminal_cannot_be_typed_into() -> None:
    tiocsti = 0x5412

    assert verdict_on((16, 29)[COLUMN], (0, tiocsti)) == ERRNO | errno.ENOTTY


def test_call_of_another_architecture_kills() -> None:
    i386 = 0x40000003

    assert verdict_on(0, audit=i386) == KILL


def test_call_of_the_x32_table_kills() -> None:
    assert verdict_on(0x40000000 + 59) == KILL

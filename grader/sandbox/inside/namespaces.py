"""Namespaces of a zygote and its empty root: what a child cannot see it cannot reach.

An ordinary user gets them through a user namespace, where the machine allows one
(user_namespaces(7)).
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox.inside import kernel

_FLAGS = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
# ST_* -> MS_*, from statvfs.h and mount.h: nosuid, nodev, noexec, noatime, nodiratime, relatime.
_STATVFS_TO_MOUNT = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}


def enter() -> str:
    """Move this process to namespaces of its own; return "" or why there are none."""
    try:
        kernel.unshare(_FLAGS)
        return ""
    except OSError as plain:
        uid, gid = os.getuid(), os.getgid()
        try:
            kernel.unshare(kernel.CLONE_NEWUSER | _FLAGS)
        except OSError as error:
            return f"{plain.strerror}; with a user namespace: {error.strerror}"
        with contextlib.suppress(OSError):  # kernels before 3.19 have no such file
            Path("/proc/self/setgroups").write_text("deny")
        try:
            Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
        except OSError as error:  # root without CAP_SETFCAP may not map itself
            return f"a user namespace cannot be mapped: {error.strerror}"
        return ""


def why_not_user(uid: int) -> str:
    """Return "" where this process can become user `uid`, or why it cannot."""
    if os.getuid() != 0:
        return "needs root"
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    ranges = [tuple(map(int, line.split())) for line in lines]
    if any(first <= uid < first + count for first, _outside, count in ranges):
        return ""
    return "the user namespace has no other user"


def empty_root(keep: Sequence[str], hide: Sequence[str]) -> str:
    """Swap the root for an empty one with only the folders `keep`, read-only; return "" or why not.

    `hide` are folders beneath them to cover with empty ones.
    """
    try:
        kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        root = "/proc"  # there on every machine, and nothing that we bind lies beneath it
        kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
        for folder in keep:
            inner = root + folder
            Path(inner).mkdir(parents=True, exist_ok=True)
            kernel.mount(folder, inner, None, kernel.MS_BIND)
            held = os.statvfs(inner).f_flag
            flags = sum(to for have, to in _STATVFS_TO_MOUNT.items() if held & have)
            kernel.mount(
                "none", inner, None, kernel.MS_BIND | kernel.MS_REMOUNT | kernel.MS_RDONLY | flags
            )
            for hidden in hide:
                if hidden.startswith(folder + "/") and Path(root + hidden).is_dir():
                    kernel.mount(
                        "tmpfs",
                        root + hidden,
                        "tmpfs",
                        kernel.MS_NOSUID | kernel.MS_NODEV,
                        "size=1m,mode=755",
                    )
        os.chdir(root)
        kernel.pivot_root(".", ".")
        kernel.unmount(".", kernel.MNT_DETACH)
        os.chdir("/")
        kernel.mount(
            "none",
            "/",
            None,
            kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV,
        )
    except OSError as error:
        return str(error)
    return ""

"""The worker's end of a zygote: starts it with a clean environment, gives out leases, ends it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np

from grader.errors import SandboxFailure, SandboxUnavailable
from grader.sandbox.inside import kernel, landlock

FIRST_UID = 64_000  # above the users of any distribution and below those that systemd gives out
_START_SECONDS = 30.0
# The settings come over the socket: a command line can be read by everyone. Libraries register no
# hooks for forks: a process of one thread has none to forget, each case seeds `random`, and to run
# them took a sixth of what it takes to make a child.
_BOOTSTRAP = (
    "import json, os, socket, sys; os.register_at_fork = lambda **hooks: None;"
    "control = socket.socket(fileno=int(sys.argv[1]));"
    "settings = json.loads(control.recv(1 << 17)); sys.path[:0] = settings['import_from'];"
    "from grader.sandbox.inside.zygote import main; main(control, settings)"
)
# Some processors compute wrongly without them.
_KEPT_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Zygote:
    """One running zygote.

    `layers` says of each further layer why it is missing, or "" where it holds.
    """

    def __init__(self, slot: int = 0, namespaces: bool = True, core: int | None = None) -> None:
        """Start the process, kept to `core` if one is named, and wait until it is ready.

        Raises:
            SandboxUnavailable: a layer that must hold cannot be had on this machine.
        """
        if not landlock.abi():
            raise SandboxUnavailable(
                "this kernel has no Landlock (or it is switched off); nothing is graded without it"
            )
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings: dict[str, object] = {"parent": os.getpid(), "namespaces": namespaces}
        settings |= {"uid": FIRST_UID + slot, **_paths()}
        self._process = subprocess.Popen(  # noqa: S603  (this interpreter, and words of ours)
            [sys.executable, "-S", "-s", "-P", "-B", "-c", _BOOTSTRAP, str(theirs.fileno())],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            process_group=0,
            cwd="/",
        )
        keep_to(core, self._process)
        theirs.close()
        self._control.send(json.dumps(settings).encode())
        self.layers: dict[str, str] = self._hello()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def lease(self) -> socket.socket:
        """Return a new lease: whoever holds it can take children, and when it closes they end.

        Raises:
            SandboxFailure: the zygote is gone.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [b"L"], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise SandboxFailure(f"the zygote is gone: {error}") from error
        return ours

    def close(self) -> None:
        """End the process and what it left."""
        self._control.close()
        end_with_offspring(self._process)

    def __enter__(self) -> "Zygote":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _hello(self) -> dict[str, str]:
        self._control.settimeout(_START_SECONDS)
        try:
            data = self._control.recv(4096)
        except OSError as error:
            self.close()
            raise SandboxUnavailable(
                f"the zygote did not start within {_START_SECONDS:g} s: {error}"
            ) from error
        if not data:
            self.close()
            raise SandboxUnavailable(
                "the zygote ended before it was ready; its reason stands above"
            )
        self._control.settimeout(None)
        layers: dict[str, str] = json.loads(data)
        return layers


def end_with_offspring(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that leads its group, and reap what it leaves behind.

    Its children are killed by the kernel when it dies; a subreaper inherits them.
    """
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-process.pid, 0)


def keep_to(core: int | None, process: subprocess.Popen[bytes]) -> None:
    """Run a process, and what it will fork, on one core only, where one is named."""
    if core is not None:
        with contextlib.suppress(OSError):  # it has ended, or the core was taken from us: no harm
            os.sched_setaffinity(process.pid, {core})


def become_subreaper() -> None:
    """Make this process the parent of what its zygotes leave behind, so that it can be reaped."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def _environment() -> dict[str, str]:
    fixed = {
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "LC_ALL": "C.UTF-8",
        "HOME": "/",
    }
    return fixed | {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}


def _paths() -> dict[str, list[str]]:
    """Say what a zygote imports from; its children may read the standard library and NumPy."""
    stdlib = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    folders = sorted(folder for folder in {*stdlib, Path(os.__file__).parent} if folder.is_dir())
    numpy_folder = Path(np.__file__).parent
    packages = {Path(__file__).parents[2], numpy_folder.parent, Path(msgspec.__file__).parents[1]}
    numpy_folders = [numpy_folder, *numpy_folder.parent.glob("numpy.libs")]
    hidden = [folder / name for folder in folders for name in ("site-packages", "dist-packages")]
    readable = [entry for folder in folders for entry in folder.iterdir() if entry not in hidden]
    return {
        "import_from": sorted(map(str, packages)),
        "keep": list(map(str, [*folders, *numpy_folders])),
        "hide": list(map(str, hidden)),
        "readable": list(map(str, [*readable, *numpy_folders])),
        "listable": list(map(str, folders)),
    }

"""The zygote: NumPy imported once, children forked ahead of need and locked at once.

Started with a clean environment. It holds no secret: no suite, no submission, no key. On its
control socket arrive leases (one descriptor each); on a lease, a judge takes children and has them
ended. A lease that closes takes its children with it.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from grader.sandbox.inside import kernel, landlock, namespaces, seccomp
from grader.sandbox.inside.child import Child, Stream
from grader.sandbox.inside.lockdown import STREAM, Limits, Locks, lock
from grader.sandbox.inside.rehearsal import rehearse
from grader.sandbox.inside.zygote_protocol import END, ENDED, TAKE, TAKEN

RESERVE = 4  # locked children ready to be taken: two runs of a suite with stand-ins
_REHEARSALS = 20  # Python specialises code after 8 calls
_REAP_MILLISECONDS = 20
_NO_PROCESS_SECONDS = 0.05  # before another fork is tried where the machine has no room for one
_GRACE = 2.0  # seconds that a child whose stream has ended is given to end by itself
# What students import: loaded once, so that no child has to read it from disk.
_USUAL_IMPORTS = "copy math os pickle random numpy.linalg numpy.random"
# The rest, for children that cannot read it later: each page of it costs every fork and every end.
_LATE_IMPORTS = """
    abc ast bisect cmath collections contextlib csv dataclasses datetime decimal enum fractions
    functools heapq inspect io itertools json logging numbers operator pathlib pprint re shutil
    statistics string tempfile textwrap time timeit traceback types typing unittest warnings
    numpy.ma numpy.testing numpy.matlib numpy.polynomial numpy.fft
"""


def main(control: socket.socket, settings: Mapping[str, Any]) -> None:
    """Prepare, say which layers hold, and serve until the control socket closes."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != settings["parent"]:
        return
    _load(_USUAL_IMPORTS)
    zygote = _prepare(settings)
    if zygote.layers["empty root"]:  # the installation may lie where another user cannot go
        _load(_LATE_IMPORTS)
    for path in settings["import_from"]:
        sys.path.remove(path)
    sys.path_importer_cache.clear()
    sys.argv[:] = [""]
    for _ in range(_REHEARSALS):
        rehearse()
    zygote.serve(control)


def _load(names: str) -> None:
    for name in names.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _prepare(settings: Mapping[str, Any]) -> "Zygote":
    """Enter namespaces where there are any, and prepare what locks a child."""
    statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    processes = os.open("/proc", os.O_PATH | os.O_CLOEXEC)  # the empty root has none
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    missing = namespaces.enter() if settings["namespaces"] else "switched off"
    layers = {"namespaces": missing, "process namespace": missing, "empty root": missing}
    layers["own user"] = namespaces.why_not_user(settings["uid"])
    fork = os.fork if missing else kernel.fork_into_process_namespace
    if not missing:
        layers["empty root"] = namespaces.empty_root(settings["keep"], settings["hide"])
    uid = None if layers["own user"] else settings["uid"]
    kernel.bound_capabilities()
    locks = Locks(
        landlock.ruleset(settings["readable"], settings["listable"]), seccomp.program(), null, uid
    )
    return Zygote(locks, fork, (statm, processes), layers)


class Zygote:
    """Children by lease, and a few in reserve."""

    def __init__(
        self,
        locks: Locks,
        fork: Callable[[], int],
        views: tuple[int, int],
        layers: Mapping[str, str],
    ) -> None:
        self._locks, self._fork, self.layers = locks, fork, layers
        self._statm, self._processes = views
        self._limits = Limits(512 << 20, 65)  # a guess at the first take's; another costs a refill
        self._reserve: list[tuple[int, socket.socket]] = []
        self._children: dict[int, set[int]] = {}  # by the lease's descriptor
        self._leases: dict[int, socket.socket] = {}
        self._dying: set[int] = set()
        self._poll = select.poll()

    def serve(self, control: socket.socket) -> None:
        """Serve leases until the control socket closes; fill the reserve where nobody waits."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._fill()
        control.send(json.dumps(self.layers).encode())
        self._poll.register(control, select.POLLIN)
        while True:
            events = self._poll.poll(self._patience())
            for descriptor, _events in events:
                if descriptor == control.fileno():
                    if not self._accept(control):
                        return
                elif descriptor in self._leases:
                    self._answer(self._leases[descriptor])
            self._reap()
            if not events and self._may_fill():
                self._fill()

    def _patience(self) -> int | None:
        """Return how many milliseconds to wait for the next event."""
        if self._may_fill():
            return 0
        return _REAP_MILLISECONDS if self._dying else None

    def _may_fill(self) -> bool:
        """Whether to fork another child: not beside one at work, unless none is left."""
        at_work = any(self._children.values())
        return len(self._reserve) < RESERVE and not (at_work and self._reserve)

    def _kill(self, pid: int) -> None:
        """Kill a child, to be reaped when it is dead; that takes a while which nobody waits for."""
        os.kill(pid, signal.SIGKILL)
        self._dying.add(pid)

    def _reap(self) -> None:
        for pid in list(self._dying):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._dying.discard(pid)

    def _accept(self, control: socket.socket) -> bool:
        data, descriptors, _flags, _address = socket.recv_fds(control, 1, 1)
        if not data:
            return False
        lease = socket.socket(fileno=descriptors[0])
        self._leases[lease.fileno()] = lease
        self._children[lease.fileno()] = set()
        self._poll.register(lease, select.POLLIN)
        return True

    def _answer(self, lease: socket.socket) -> None:
        try:
            data = lease.recv(64)
        except OSError:
            data = b""
        try:
            if data[:1] == b"T":
                self._take(lease, *TAKE.unpack(data)[1:])
            elif data[:1] == b"D":
                self._drop(lease, END.unpack(data)[1])
            elif data[:1] in (b"R", b"K"):
                self._end(lease, data[:1] == b"K", END.unpack(data)[1])
            else:
                self._close(lease)
        except OSError:  # the judge is gone; what it had goes with it
            self._close(lease)

    def _close(self, lease: socket.socket) -> None:
        descriptor = lease.fileno()
        if descriptor < 0:
            return
        self._poll.unregister(lease)
        del self._leases[descriptor]
        for pid in self._children.pop(descriptor):
            self._kill(pid)
        lease.close()

    def _take(self, lease: socket.socket, memory_bytes: int, cpu_seconds: int) -> None:
        limits = Limits(memory_bytes, cpu_seconds)
        if limits != self._limits:
            self._limits = limits
            for pid, stream in self._reserve:
                self._kill(pid)
                stream.close()
            self._reserve.clear()
        try:
            pid, stream = self._reserve.pop(0) if self._reserve else self._spawn()
        except OSError as error:
            lease.send(TAKEN.pack(-(error.errno or 1)))
            return
        self._children[lease.fileno()].add(pid)
        with stream:
            socket.send_fds(lease, [TAKEN.pack(pid)], [stream.fileno()])

    def _end(self, lease: socket.socket, at_once: bool, pid: int) -> None:
        if pid not in self._children[lease.fileno()]:
            lease.send(ENDED.pack(-1, 0.0, 0, False))
            return
        wanting = at_once and self._wants_a_core(pid)
        deadline = time.monotonic() + (0.0 if at_once else _GRACE)
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.001)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            status = status if at_once else 0
        self._children[lease.fileno()].discard(pid)
        lease.send(ENDED.pack(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, wanting))

    def _wants_a_core(self, pid: int) -> bool:
        """Whether a child runs or stands in line for a core, which a sleeper does not.

        The state is the third field of proc_pid_stat(5), after a name in brackets.
        """
        try:
            stat = os.open(f"{pid}/stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._processes)
        except OSError:
            return False
        with open(stat, "rb") as file:  # noqa: PTH123  (a descriptor)
            return file.read().rpartition(b") ")[2][:1] == b"R"

    def _drop(self, lease: socket.socket, pid: int) -> None:
        if pid in self._children[lease.fileno()]:
            self._children[lease.fileno()].discard(pid)
            self._kill(pid)

    def _fill(self) -> None:
        """Add one child to the reserve."""
        try:
            self._reserve.append(self._spawn())
        except OSError:  # a take will meet it again and say so
            time.sleep(_NO_PROCESS_SECONDS)

    def _spawn(self) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        start_bytes = int(os.pread(self._statm, 64, 0).split()[0]) * os.sysconf("SC_PAGESIZE")
        pid = self._fork()
        if pid:
            theirs.close()
            return pid, ours
        try:
            lock(self._locks, theirs.fileno(), self._limits, start_bytes)
            os.write(STREAM, b"!")
            Child(Stream(STREAM)).serve()
        finally:
            os._exit(70)

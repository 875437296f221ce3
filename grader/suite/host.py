"""The suite host: pytest with one suite collected once, from which a judge is forked for each run.

It holds the answers, so it is given nothing else: no database, no network, a clean environment, and
only the suite's folder and the Python installation to read.
"""

import contextlib
import gc
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from grader.errors import GraderError, SandboxFailure
from grader.sandbox.inside import kernel, landlock, namespaces
from grader.sandbox.lease import Lease
from grader.suite import plugin
from grader.suite.folder import read_assignment
from grader.suite.judging import Judging
from grader.suite.orders import Broke, Channel, ChannelClosed, Order
from grader.suite.plan import Plan, make_plan, readable_paths

# Bytes of address space: for a suite's own arrays, and what a student hands a stand-in.
_HELLO_BYTES = 100 << 10
_JUDGE_MEMORY = 3 << 29


class Hello(msgspec.Struct):
    """What a host says once it is ready, or why it never will be."""

    cases: list[dict[str, str | float]] = []
    error: str = ""


def main() -> NoReturn:
    """Collect the suite and serve until the control socket closes.

    Arguments: the folder, the socket, the parent.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    folder, descriptor, parent = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if os.getppid() != parent:
        sys.exit(0)
    control = socket.socket(fileno=descriptor)
    try:
        plan = make_plan(read_assignment(folder), folder)
        _confine(plan)
        host = Host(control, plan)
        code = pytest.main(pytest_arguments(folder), plugins=[host])
        if not host.served:
            _say(
                control,
                Hello(
                    error=host.problem or f"pytest ended with {code!s} while it collected the suite"
                ),
            )
    except GraderError as error:
        _say(control, Hello(error=str(error)))
    sys.exit(0)


# pytest's own plugins that say, write or watch what nobody asks a host for; each costs time a case.
_LEFT_OUT = """
    cacheprovider debugging doctest faulthandler junitxml logging pastebin setuponly setupplan
    stepwise terminal threadexception unraisableexception warnings
"""


def pytest_arguments(folder: Path) -> list[str]:
    """Return what pytest is to be started with for the suite of an assignment's folder."""
    suite = str(folder / "suite")
    left_out = [word for name in _LEFT_OUT.split() for word in ("-p", f"no:{name}")]
    options = ["--assert=plain", "--capture=no", "-c", os.devnull, "--rootdir", suite]
    options += ["--confcutdir", suite]  # nor are the folders above looked at
    return [suite, *options, *left_out, "-p", "grader.suite.plugin"]


class Host:
    """Takes the place of pytest's loop: forks a judge for each run that it is handed."""

    def __init__(self, control: socket.socket, plan: Plan) -> None:
        self._control, self._plan = control, plan
        self.served = False
        self.problem = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the plugin its plan."""
        config.stash[plugin.PLAN] = self._plan

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self) -> Iterator[None]:
        """Keep what is wrong with a marker."""
        try:
            yield
        except pytest.UsageError as error:
            self.problem = str(error)
            raise

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why the suite cannot be collected."""
        if report.failed and not self.problem:
            self.problem = report.longreprtext[-2000:]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Serve runs until the control socket closes."""
        if self.problem:
            return True
        items = [item for item in session.items if plugin.MARK in item.stash]
        marks = [item.stash[plugin.MARK] for item in items]
        self.served = True
        if not marks:
            _say(
                self._control,
                Hello(error="the suite has no case: mark its tests with @pytest.mark.case"),
            )
            return True
        judging = Judging(self._plan, items)
        self._warm(judging)
        gc.collect()
        gc.freeze()
        shown = [
            {
                "name": mark.name,
                "file": mark.file,
                "points": mark.points,
                "visibility": mark.visibility.value,
            }
            for mark in marks
        ]
        _say(self._control, Hello(cases=shown))
        self._serve(judging)
        return True

    def _warm(self, judging: Judging) -> None:
        """Have the cases rehearsed on the solution before the first fork."""
        data, descriptors, _flags, _address = socket.recv_fds(self._control, 1, 1)
        if not data:
            sys.exit(0)
        folder = self._plan.folder / "solution"
        names = [name for name in self._plan.assignment.files if (folder / name).is_file()]
        order = Order({name: (folder / name).read_bytes() for name in names}, seed=0)
        with socket.socket(fileno=descriptors[0]) as link, contextlib.suppress(SandboxFailure):
            judging.rehearse(order, Lease(link))

    def _serve(self, judging: Judging) -> None:
        """Hand each run to a judge that was forked before it was needed, one run at a time."""
        waiting = self._fork(judging)
        while True:
            data, descriptors, _flags, _address = socket.recv_fds(self._control, 1, 2)
            if not data:
                return
            try:
                socket.send_fds(waiting.link, [b"R"], descriptors)
            except OSError:  # somebody killed it while it waited
                os.waitpid(waiting.pid, 0)
                waiting = self._fork(judging)
                socket.send_fds(waiting.link, [b"R"], descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            waiting.link.close()
            at_work, waiting = waiting, self._fork(judging)
            os.waitpid(at_work.pid, 0)  # the slot learns of its end from the channel

    def _fork(self, judging: Judging) -> "_Judge":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid:
            theirs.close()
            return _Judge(pid, ours)
        try:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            ours.close()
            self._control.close()
            data, descriptors, _flags, _address = socket.recv_fds(theirs, 1, 2)
            if data:
                channel, lease = (socket.socket(fileno=descriptor) for descriptor in descriptors)
                _judge(judging, Channel(channel), Lease(lease))
        except Exception:  # noqa: BLE001  (the outermost frame; the slot sees the channel close)
            traceback.print_exc()
        finally:
            os._exit(0)
        raise AssertionError


@dataclass(frozen=True)
class _Judge:
    """A judge that waits for its run on `link`."""

    pid: int
    link: socket.socket


def _judge(judging: Judging, channel: Channel, lease: Lease) -> None:
    """Judge one order in a process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (_JUDGE_MEMORY, _JUDGE_MEMORY))
    order = channel.receive()
    if not isinstance(order, Order):
        return
    with contextlib.suppress(ChannelClosed):  # the slot is gone, and with it whoever asked
        try:
            channel.send(judging.judge(order, lease, channel.send))
        except SandboxFailure as error:
            channel.send(Broke(suite=False, message=str(error)))


def _confine(plan: Plan) -> None:
    """Keep the suite's code from the network and from files that are not its own."""
    namespaces.enter()  # where the machine has none, Landlock alone denies TCP and every file
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    readable = [*readable_paths(plan.assignment, plan.folder), "/dev/null", "/dev/urandom"]
    ruleset = landlock.ruleset(readable)
    landlock.restrict(ruleset)
    os.close(ruleset)


def _say(control: socket.socket, hello: Hello) -> None:
    data = msgspec.json.encode(hello)
    if len(data) > _HELLO_BYTES:  # more than one packet takes
        data = msgspec.json.encode(
            Hello(error=hello.error[:10_000] or "the suite has too many cases")
        )
    control.send(data)


if __name__ == "__main__":
    main()

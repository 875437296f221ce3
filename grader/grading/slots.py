"""A slot, what one core runs: it keeps a zygote and hosts warm and replaces whichever dies."""

import socket
import time
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType

from grader.domain.runs import RunRequest, RunResult, SuiteFolder
from grader.domain.verdicts import CaseResult
from grader.errors import SandboxFailure, SandboxUnavailable, SuiteFailure
from grader.grading.hosts import SuiteHost
from grader.sandbox.probes import Examination, examine, require
from grader.sandbox.zygote import Zygote, become_subreaper
from grader.suite.orders import Broke, Channel, ChannelClosed, Done, Judged, Order

WARM_SUITES = 3  # suite versions kept warm
_SUITE_SECONDS = 60.0  # for the suite's own work, beyond what the submission may use

Tell = Callable[[CaseResult], None]


def tell_nobody(_case: CaseResult) -> None:
    """Follow no run."""


class Slot:
    """Grades one run at a time; to be used from one thread, which must outlive it.

    The processes of a slot are kept to `core`, if one is named: judge and child take turns some
    hundred times a run, and to wake an idle core each time takes longer than most of the turns.
    """

    def __init__(self, index: int = 0, core: int | None = None) -> None:
        self.index = index
        self._core = core
        self._zygote: Zygote | None = None
        self._hosts: dict[str, SuiteHost] = {}

    def __enter__(self) -> "Slot":
        """Start what does not depend on a suite.

        Raises:
            SandboxUnavailable: this machine lacks a layer that must hold, or a probe got through.
        """
        become_subreaper()
        try:
            require(self.examine())
        except SandboxFailure as error:
            self.close()
            raise SandboxUnavailable(f"no child can be had on this machine: {error}") from error
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """End all processes."""
        self.close()

    def close(self) -> None:
        """End all processes of this slot."""
        for host in self._hosts.values():
            host.close()
        self._hosts.clear()
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    @property
    def layers(self) -> dict[str, str]:
        """Why each further layer of the sandbox is missing, or "" where it holds."""
        return dict(self._zygote_running().layers)

    @property
    def process_ids(self) -> dict[str, int]:
        """The zygote's and the hosts' process ids, by name."""
        ids = {f"host {version}": host.pid for version, host in self._hosts.items()}
        return ids if self._zygote is None else {"zygote": self._zygote.pid, **ids}

    @property
    def warm(self) -> set[str]:
        """The suite versions whose hosts are running."""
        return {version for version, host in self._hosts.items() if host.alive}

    def examine(self, secrets: tuple[Path, ...] = ()) -> Examination:
        """Look at a live child's layers and try the probes; `secrets` are more paths to try.

        Raises:
            SandboxFailure: a process of ours was lost.
            SandboxUnavailable: no child can be had on this machine.
        """
        return examine(self._zygote_running(), secrets)

    def cases(self, suite: SuiteFolder) -> list[dict[str, str | float]]:
        """Return what the suite's markers say: name, file, points and visibility of each case.

        Raises:
            SuiteFailure: the suite cannot be collected.
            SandboxFailure: a process of ours was lost.
        """
        return self._host(suite).cases

    def grade(self, request: RunRequest, tell: Tell = tell_nobody) -> RunResult:
        """Grade once; `tell` gets each case as soon as it is judged.

        Raises:
            SuiteFailure: the suite failed; no try will do better.
            SandboxFailure: a process of ours was lost; the next try gets new ones.
            SandboxUnavailable: this machine lacks a layer that must hold.
        """
        host = self._host(request.suite)
        started = time.monotonic()
        ours, theirs = socket.socketpair()
        with ours:
            try:
                host.judge(theirs, self._zygote_running().lease())
                cases, notes = _follow(ours, request, tell)
                order = {str(case["name"]): place for place, case in enumerate(host.cases)}
                cases.sort(key=lambda case: order[case.name])
            except (SandboxFailure, TimeoutError, ChannelClosed) as error:
                self._drop(request.suite.version)
                raise SandboxFailure(f"the run was lost: {error}") from error
        return RunResult(
            request.suite.version, request.seed, tuple(cases), notes, time.monotonic() - started
        )

    def _zygote_running(self) -> Zygote:
        if self._zygote is not None and not self._zygote.alive:
            self._zygote.close()
            self._zygote = None
        if self._zygote is None:
            self._zygote = Zygote(self.index, core=self._core)
        return self._zygote

    def _host(self, suite: SuiteFolder) -> SuiteHost:
        host = self._hosts.pop(suite.version, None)
        if host is not None and not host.alive:
            host.close()
            host = None
        if host is None:
            while len(self._hosts) >= WARM_SUITES:
                self._hosts.pop(next(iter(self._hosts))).close()
            host = SuiteHost(suite, self._zygote_running(), self._core)
        self._hosts[suite.version] = host
        return host

    def _drop(self, version: str) -> None:
        """End a host whose judge may still be at work."""
        if host := self._hosts.pop(version, None):
            host.close()


def core_of(index: int, slots: int, cores: Collection[int]) -> int | None:
    """Return the core that is one slot's own, or None where they do not share the cores evenly.

    Several processes on one machine cannot know of each other's slots, so each must use all cores
    alike, or leave it to the kernel.
    """
    return sorted(cores)[index % len(cores)] if slots % len(cores) == 0 else None


def _follow(
    stream: socket.socket, request: RunRequest, tell: Tell
) -> tuple[list[CaseResult], tuple[str, ...]]:
    """Send the order and gather what comes back."""
    limits = request.suite.assignment.limits
    stream.settimeout(limits.run_seconds * limits.wall_factor + _SUITE_SECONDS)
    channel = Channel(stream)
    channel.send(Order(dict(request.files), request.seed, request.cases))
    cases: list[CaseResult] = []
    while True:
        match channel.receive():
            case Judged(result):
                cases.append(result)
                tell(result)
            case Done(notes):
                return cases, notes
            case Broke(suite, message):
                raise SuiteFailure(message) if suite else SandboxFailure(message)
            case Order():
                raise ChannelClosed("a judge sent an order")

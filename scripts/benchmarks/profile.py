"""Where the time of a run goes: CPU by kind of process, and the clock by phase and by case."""

import json
import os
import socket
import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from grader.domain.runs import RunRequest
from grader.grading.slots import Slot
from grader.suite.orders import Channel, Judged, Order
from scripts.benchmarks import traced
from scripts.benchmarks.other_hosts import OtherHost
from scripts.benchmarks.table import Row

_TICK_MILLISECONDS = 1000 / os.sysconf("SC_CLK_TCK")
_WARM_UPS = 3


def cpu_by_process(slot: Slot, request: RunRequest, runs: int) -> list[Row]:
    """Return the CPU time and page faults of each kind of process, a run."""
    before = _counters(slot)
    for _ in range(runs):
        slot.grade(request)
    after = _counters(slot)
    return [
        Row(f"  {kind}", f"{(cpu - before[kind][0]) / runs:.1f} ms CPU", f"{faults} page faults")
        for kind, (cpu, count) in after.items()
        for faults in [round((count - before[kind][1]) / runs)]
    ]


def clock_by_case(slot: Slot, request: RunRequest, runs: int) -> list[Row]:
    """Return the wall time from one case's result to the next, and the submission's CPU in it."""
    wall: dict[str, list[float]] = defaultdict(list)
    inside: dict[str, list[float]] = defaultdict(list)
    for _ in range(runs):
        last = perf_counter()
        for name, seconds in _follow(slot, request):
            now = perf_counter()
            wall[name].append((now - last) * 1000)
            inside[name].append(seconds * 1000)
            last = now
    return [
        Row(
            f"  {name}",
            f"{statistics.median(taken):.1f} ms",
            _inside(statistics.median(inside[name])),
        )
        for name, taken in wall.items()
    ]


def clock_by_phase(slot: Slot, request: RunRequest, runs: int) -> list[Row]:
    """Return the mean wall time of each phase of a run, as the judge clocks them."""
    phases: dict[str, list[float]] = {}
    wall = 0.0
    slot._hosts.pop(request.suite.version).close()
    slot._hosts[request.suite.version] = OtherHost(
        request.suite, slot._zygote_running(), traced.__name__, slot._core
    )
    for run in range(runs + _WARM_UPS):
        result = slot.grade(request)
        if run < _WARM_UPS:
            continue
        wall += result.seconds * 1000
        for phase, figures in json.loads(result.notes[-1].removeprefix(traced.NOTE)).items():
            sums = phases.setdefault(phase, [0.0, 0.0, 0.0])
            phases[phase] = [sum(pair) for pair in zip(sums, figures, strict=True)]
    between = wall - sum(figures[0] for figures in phases.values())
    phases["from the slot to the judge and back"] = [between, runs, 0.0]
    return [
        Row(f"  {phase}", f"{taken / runs:.1f} ms, {times / runs:.0f} x", _inside(cpu / runs))
        for phase, (taken, times, cpu) in sorted(phases.items(), key=lambda entry: -entry[1][0])
    ]


def _inside(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms of it CPU inside" if milliseconds else ""


def _follow(slot: Slot, request: RunRequest) -> Iterator[tuple[str, float]]:
    """Yield each case's name and the submission's CPU seconds, as its result comes."""
    ours, theirs = socket.socketpair()
    host, zygote = slot._host(request.suite), slot._zygote_running()
    host.judge(theirs, zygote.lease())
    channel = Channel(ours)
    channel.send(Order(dict(request.files), request.seed))

    while isinstance(message := channel.receive(), Judged):
        yield message.result.name, message.result.seconds
    channel.close()


def _counters(slot: Slot) -> dict[str, tuple[float, int]]:
    """Return CPU milliseconds and page faults so far, of the processes and of those they reaped."""
    found = {}
    for name, pid in slot.process_ids.items():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        faults, reaped_faults = int(fields[7]), int(fields[8])
        own, reaped = (int(fields[at]) + int(fields[at + 1]) for at in (11, 13))
        kinds = ("zygote", "children") if name == "zygote" else ("suite host", "judges")
        found[kinds[0]] = (own * _TICK_MILLISECONDS, faults)
        found[kinds[1]] = (reaped * _TICK_MILLISECONDS, reaped_faults)
    return found

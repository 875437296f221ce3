#!/usr/bin/env python3
"""Prints how fast a secure grade is, beside what a user would use instead, in the same run.

Medians, with the range in brackets; ratios are within this run, because machines differ.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

from grader.domain.runs import RunRequest  # noqa: E402  (after the path)
from grader.grading.folders import load_suite  # noqa: E402
from grader.grading.slots import Slot, core_of  # noqa: E402
from grader.sandbox.lease import Lease  # noqa: E402
from grader.sandbox.zygote import Zygote  # noqa: E402
from scripts.benchmarks import (  # noqa: E402
    desk,
    eight,
    memory,
    profile,
    rerun_class,
    samples,
    uploads,
)
from scripts.benchmarks.direct import DirectSlot  # noqa: E402
from scripts.benchmarks.table import Row, interleaved, seconds_of, show, spread  # noqa: E402

PLAIN = "accepted/plain"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the repeats")
    parser.add_argument("--uploads", action="store_true", help="only what goes over HTTP")
    parser.add_argument("--rerun", action="store_true", help="only the rerun of a class")
    parser.add_argument("--desk", action="store_true", help="only the pages of staff")
    parser.add_argument("--profile", action="store_true", help="only where a run's time goes")
    options = parser.parse_args()
    repeats, seconds, students = (15, 15, 100) if options.quick else (45, 60, 1000)
    print(f"{os.cpu_count()} cores, {load()} at the start")
    if options.uploads:
        rows = uploads.rows(seconds)
    elif options.rerun:
        rows = rerun_class.rows(students)
    elif options.desk:
        rows = desk.rows()
    elif options.profile:
        rows = profiled()
    else:
        rows = [*measured(repeats), *uploads.rows(seconds), *rerun_class.rows(students)]
        rows += desk.rows()
    print(f"{load()} at the end\n")
    show(rows)


def measured(repeats: int) -> list[Row]:
    """All rows, each with its goal."""
    rows = [*sandbox_alone(repeats), *suite_host(repeats), *whole_assignment(repeats)]
    return [*rows, *private_memory(), *odd_files()]


def sandbox_alone(repeats: int) -> list[Row]:
    """Eight small checks, source in to answers out."""
    actions: dict[str, Callable[[], object]] = {"fresh Python": eight.without_sandbox}
    if bwrap := eight.under_bubblewrap():
        actions["bubblewrap"] = bwrap
    with Zygote() as zygote:
        lease = Lease(zygote.lease())
        actions |= {"ours": lambda: eight.in_a_child(lease), "in process": eight.in_process}
        times = interleaved(actions, repeats)
        lease.close()
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ratio = medians["fresh Python"] / medians["ours"]
    rate = both_cores(100)
    rows = [
        Row("eight checks, sandbox alone", spread(times["ours"]), "≤ 5 ms", medians["ours"] <= 5),
        Row("  fresh Python with numpy, no sandbox", spread(times["fresh Python"])),
        Row("  in process, no sandbox", spread(times["in process"])),
        Row("  faster than the fresh Python", f"{ratio:.1f} x", "≥ 12 x", ratio >= 12),
        Row("  on two cores, one after the other", f"{rate:.0f} a second", "≥ 250", rate >= 250),
    ]
    if "bubblewrap" not in times:
        return [*rows, Row("  under bubblewrap", "bwrap is not installed here")]
    return [*rows, Row("  fresh Python under bubblewrap", spread(times["bubblewrap"]))]


def both_cores(count: int) -> float:
    """Return how many sandboxed sets of eight two processes do in a second."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(2, timeout=60)
    spans: SimpleQueue[float] = context.SimpleQueue()
    running = [
        context.Process(target=drive_sandbox, args=(core, count, together, spans))
        for core in range(2)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
        if process.exitcode:
            raise AssertionError("a process that drives a sandbox failed")
    return 2 * count / max(spans.get(), spans.get())  # they start together: the slower one counts


def drive_sandbox(core: int, count: int, together: Barrier, spans: "SimpleQueue[float]") -> None:
    """Do `count` sets of eight, one after the other, when the other core is ready too."""
    with Zygote(core) as zygote:
        lease = Lease(zygote.lease())
        for _ in range(5):
            eight.in_a_child(lease)
        together.wait()
        spans.put(seconds_of(lambda: [eight.in_a_child(lease) for _ in range(count)]))
        together.wait()  # so that no one's end is another's disturbance


def suite_host(repeats: int) -> list[Row]:
    """The same eight as pytest cases."""
    with tempfile.TemporaryDirectory() as folder, Slot(core=_core(0)) as slot:
        suite = load_suite(eight.write_assignment(Path(folder)))
        request = RunRequest(suite, {"answer.py": eight.SOURCE.encode()}, seed=1)
        grade = lambda: samples.full_marks(slot.grade(request))  # noqa: E731  (one of several alike)
        times = interleaved({"ours": grade}, repeats)["ours"]
    met = statistics.median(times) <= 15
    return [Row("the same through the suite host", spread(times), "≤ 15 ms", met)]


def whole_assignment(repeats: int) -> list[Row]:
    """All of HW4, right files, both trainings."""
    request = samples.request(PLAIN)
    core = _core(0)
    with Slot(core=core) as slot, DirectSlot(core=core) as directly:
        actions = {
            name: (lambda by=by: samples.full_marks(by.grade(request)))
            for name, by in (("ours", slot), ("direct", directly))
        }
        times = interleaved(actions, repeats)
    ours, direct = statistics.median(times["ours"]), statistics.median(times["direct"])
    rate = two_slots(request, repeats)
    return [
        Row("all of HW4, right files", spread(times["ours"]), "≤ 75 ms", ours <= 75),
        Row("  direct calls in a forked judge, no sandbox", spread(times["direct"])),
        Row("  ratio", f"{ours / direct:.2f}", "≤ 1.25", ours / direct <= 1.25),
        Row("  on two cores, one after the other", f"{rate:.1f} a second", "≥ 30", rate >= 30),
    ]


def two_slots(request: RunRequest, count: int) -> float:
    """Return how many runs two slots do in a second."""
    together, spans = threading.Barrier(2), []

    def work(index: int) -> None:
        with Slot(index, _core(index)) as slot:
            for _ in range(3):
                slot.grade(request)
            together.wait()
            spans.append(seconds_of(lambda: [slot.grade(request) for _ in range(count)]))
            together.wait()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * count / max(spans)


def private_memory() -> list[Row]:
    """Private memory of judge and child in the middle of a long run."""
    request = samples.request("accepted/row_loops")
    with Slot() as slot:
        slot.cases(request.suite)
        ids = slot.process_ids
        parents = {"judge": next(pid for name, pid in ids.items() if name != "zygote")}
        parents["child"] = ids["zygote"]
        results = []
        peaks = memory.peaks_during(lambda: results.append(slot.grade(request)), parents)
    seconds = samples.full_marks(results[0]).seconds
    total = sum(peaks.values())
    parts = ", ".join(f"{name} {peak / 1e6:.1f}" for name, peak in peaks.items())
    return [
        Row("private memory of a run", f"{total / 1e6:.1f} MB ({parts})", "≤ 10 MB", total <= 1e7),
        Row("right files with a row loop", f"{seconds:.1f} s", "100 in < 5 s", seconds < 5),
    ]


def odd_files() -> list[Row]:
    """Files that print in every step, and an endless loop."""
    requests = {"silent": samples.request(PLAIN), "noisy": samples.printing()}
    endless = samples.request("limit/loop_in_loss_forward")
    limit = endless.suite.assignment.limits.case_seconds
    with Slot() as slot:
        actions = {
            name: (lambda request=request: samples.full_marks(slot.grade(request)))
            for name, request in requests.items()
        }
        times = interleaved(actions, 10)
        looped = slot.grade(endless)
    ratio = statistics.median(times["noisy"]) / statistics.median(times["silent"])
    lost = [case for case in looped.cases if case.points == 0]
    used, names = sum(case.seconds for case in lost), ", ".join(case.name for case in lost)
    met = len(lost) == 1 and used <= limit + 0.1
    return [
        Row("prints 20 kB in every step", f"{spread(times['noisy'])}, {ratio:.2f} x the silent"),
        Row(
            "endless loop in a method",
            f"{looped.seconds:.2f} s, {used:.2f} of it CPU inside, loses {names}",
            f"{limit:g} s of CPU",
            met,
        ),
    ]


def profiled() -> list[Row]:
    """Where the time of a run of right files goes."""
    request = samples.request(PLAIN)
    with Slot(core=_core(0)) as slot:
        for _ in range(5):
            slot.grade(request)
        by_process = profile.cpu_by_process(slot, request, 50)
        by_case = profile.clock_by_case(slot, request, 20)
        by_phase = profile.clock_by_phase(slot, request, 20)
    return [
        Row("CPU a run", ""),
        *by_process,
        Row("clock, phase by phase", ""),
        *by_phase,
        Row("clock, case by case", ""),
        *by_case,
    ]


def _core(index: int) -> int | None:
    """Return the core that a service with a slot for each keeps this one to."""
    cores = os.sched_getaffinity(0)
    return core_of(index, len(cores), cores)


def load() -> str:
    """Say how busy the machine is, with this and all else."""
    return "load " + " ".join(f"{figure:.2f}" for figure in os.getloadavg())


if __name__ == "__main__":
    main()

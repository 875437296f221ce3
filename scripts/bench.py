#!/usr/bin/env python3
"""Prints how fast a secure grade is, beside what a user would use instead, in the same run.

Medians, with the range in brackets; ratios are within this run, because machines differ.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

from grader.domain.runs import RunRequest, RunResult, SuiteFolder  # noqa: E402  (after the path)
from grader.grading.folders import load_suite  # noqa: E402
from grader.grading.slots import Slot  # noqa: E402
from grader.sandbox.lease import Lease  # noqa: E402
from grader.sandbox.zygote import Zygote  # noqa: E402
from scripts.benchmarks import eight  # noqa: E402
from scripts.benchmarks.direct import DirectJudge  # noqa: E402
from scripts.benchmarks.profile import clock_by_case, cpu_by_process  # noqa: E402
from scripts.benchmarks.table import Row, interleaved, show, spread  # noqa: E402

SAMPLES = ROOT / "submissions" / "hw4"
_PRINTING = "    def _step(self):\n        print('x' * 20_000)\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the repeats")
    parser.add_argument("--drive", type=int, help=argparse.SUPPRESS)  # one core's part of row one
    parser.add_argument("--profile", action="store_true", help="only where a run's time goes")
    options = parser.parse_args()
    if options.drive:
        print(drive_sandbox(options.drive))
        return
    if options.profile:
        show(profile())
        return
    repeats = 15 if options.quick else 45
    load = " ".join(f"{figure:.2f}" for figure in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load} at the start\n")
    rows = [*sandbox_alone(repeats), *suite_host(repeats), *whole_assignment(repeats)]
    show([*rows, *memory(), *odd_files()])


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
        Row("  on two cores", f"{rate:.0f} a second", "≥ 250", rate >= 250),
    ]
    if "bubblewrap" not in times:
        return [*rows, Row("  under bubblewrap", "bwrap is not installed here")]
    return [*rows, Row("  fresh Python under bubblewrap", spread(times["bubblewrap"]))]


def both_cores(count: int) -> float:
    """Return how many sandboxed sets of eight two processes do in a second."""
    command = [sys.executable, __file__, "--drive", str(count)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    return sum(count / float(process.communicate()[0]) for process in running)


def drive_sandbox(count: int) -> float:
    """Return the seconds that `count` sets of eight take, one after the other."""
    with Zygote() as zygote:
        lease = Lease(zygote.lease())
        for _ in range(5):
            eight.in_a_child(lease)
        started = time.perf_counter()
        for _ in range(count):
            eight.in_a_child(lease)
        return time.perf_counter() - started


def suite_host(repeats: int) -> list[Row]:
    """The same eight as pytest cases."""
    with tempfile.TemporaryDirectory() as folder, Slot() as slot:
        suite = load_suite(eight.write_assignment(Path(folder)))
        request = RunRequest(suite, {"answer.py": eight.SOURCE.encode()}, seed=1)
        times = interleaved({"ours": lambda: full_marks(slot.grade(request))}, repeats)["ours"]
    met = statistics.median(times) <= 15
    return [Row("the same through the suite host", spread(times), "≤ 15 ms", met)]


def whole_assignment(repeats: int) -> list[Row]:
    """All of HW4, right files, both trainings."""
    suite, files = hw4(), files_of(SAMPLES / "accepted" / "plain")
    times: dict[str, list[float]] = {}
    with Slot() as slot:
        request = RunRequest(suite, files, seed=1)

        def compare(judge_directly: Callable[[], None]) -> None:
            ours = lambda: full_marks(slot.grade(request))  # noqa: E731  (one of two alike)
            times.update(interleaved({"ours": ours, "direct": judge_directly}, repeats))

        DirectJudge(suite.path, files).run(compare)
    ours, direct = statistics.median(times["ours"]), statistics.median(times["direct"])
    rate = two_slots(suite, files, repeats)
    return [
        Row("all of HW4, right files", spread(times["ours"]), "≤ 75 ms", ours <= 75),
        Row("  direct calls in a forked judge, no sandbox", spread(times["direct"])),
        Row("  ratio", f"{ours / direct:.2f}", "≤ 1.25", ours / direct <= 1.25),
        Row("  on two cores", f"{rate:.1f} a second", "≥ 30", rate >= 30),
    ]


def profile() -> list[Row]:
    """Where the time of a run of right files goes."""
    request = RunRequest(hw4(), files_of(SAMPLES / "accepted" / "plain"), seed=1)
    with Slot() as slot:
        for _ in range(5):
            slot.grade(request)
        by_process = cpu_by_process(slot, request, 50)
        by_case = clock_by_case(slot, request, 20)
    return [Row("CPU a run", ""), *by_process, Row("clock, case by case", ""), *by_case]


def two_slots(suite: SuiteFolder, files: Mapping[str, bytes], count: int) -> float:
    """Return how many runs two slots do in a second."""
    ready, spans = threading.Barrier(2), []

    def work(index: int) -> None:
        with Slot(index) as slot:
            slot.grade(RunRequest(suite, files, seed=1))
            ready.wait()
            started = time.perf_counter()
            for seed in range(count):
                slot.grade(RunRequest(suite, files, seed))
            spans.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(count / span for span in spans)


def memory() -> list[Row]:
    """Private memory of judge and child in the middle of a long run."""
    suite, files = hw4(), files_of(SAMPLES / "accepted" / "row_loops")
    with Slot() as slot:
        slot.cases(suite)
        judges = next(pid for name, pid in slot.process_ids.items() if name != "zygote")
        parents = {"judge": judges, "child": slot.process_ids["zygote"]}
        peaks = dict.fromkeys(parents, 0)
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.05):
                for name, parent in parents.items():
                    peaks[name] = max(peaks[name], private_bytes(busiest_child(parent)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        result = slot.grade(RunRequest(suite, files, seed=1))
        done.set()
        watcher.join()
    mebibytes = {name: peak / (1 << 20) for name, peak in peaks.items()}
    total = sum(mebibytes.values())
    parts = ", ".join(f"{name} {size:.1f}" for name, size in mebibytes.items())
    fast = result.seconds < 5 and result.score.points == 100
    return [
        Row("private memory of a run", f"{total:.1f} MiB ({parts})", "≤ 10 MB", total <= 9.54),
        Row("right files with a row loop", f"{result.seconds:.1f} s", "100 in < 5 s", fast),
    ]


def odd_files() -> list[Row]:
    """Files that print in every step, and an endless loop."""
    suite, silent = hw4(), files_of(SAMPLES / "accepted" / "plain")
    solver = silent["solver.py"].decode()
    noisy = {**silent, "solver.py": solver.replace("    def _step(self):\n", _PRINTING).encode()}
    endless = files_of(SAMPLES / "limit" / "loop_in_loss_forward")
    with Slot() as slot:
        actions = {
            name: (lambda files=files: full_marks(slot.grade(RunRequest(suite, files, seed=1))))
            for name, files in (("silent", silent), ("noisy", noisy))
        }
        times = interleaved(actions, 10)
        looped = slot.grade(RunRequest(suite, endless, seed=1))
    ratio = statistics.median(times["noisy"]) / statistics.median(times["silent"])
    lost = [case.name for case in looped.cases if case.points == 0]
    return [
        Row("prints 20 kB in every step", f"{spread(times['noisy'])}, {ratio:.2f} x the silent"),
        Row(
            "endless loop in a method", f"{looped.seconds:.2f} s, loses {', '.join(lost)}", "~ 1 s"
        ),
    ]


def full_marks(result: RunResult) -> None:
    """Insist that a run was right: a fast wrong one is no figure."""
    if result.score.points != result.score.max_points:
        raise AssertionError(f"right files got {result.score}")


def hw4() -> SuiteFolder:
    """Return the assignment that is measured."""
    return load_suite(ROOT / "reference" / "hw4")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a sample."""
    return {path.name: path.read_bytes() for path in folder.glob("*.py")}


def busiest_child(parent: int) -> int:
    """Return the child process of `parent` that used most CPU, 0 where there is none."""
    best, most = 0, -1
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and int(fields[11]) + int(fields[12]) > most:
                best, most = int(entry.name), int(fields[11]) + int(fields[12])
    return best


def private_bytes(pid: int) -> int:
    """Return the memory that only this process holds."""
    total = 0
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Private_Clean", "Private_Dirty")):
                total += int(line.split()[1]) << 10
    return total


if __name__ == "__main__":
    main()

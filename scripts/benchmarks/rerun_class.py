"""A class in real proportions graded again, embedded: SQLite, and a slot for each core."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar

from grader.cli.demo_class import read_class
from grader.domain.people import Role
from grader.domain.reruns import Only, Wanted
from grader.domain.runs import RunResult
from grader.domain.verdicts import CaseResult, Verdict
from grader.grading.folders import take_snapshot
from grader.queue.releases import Releases
from grader.queue.slots import SlotPool
from grader.storage import migrations, runs
from grader.storage.database import Database
from grader.workflow.people import authenticate, create_token
from grader.workflow.releases import release
from grader.workflow.rerun_changes import ChangeListing, list_changes, read_proposal
from grader.workflow.reruns import apply_rerun, read_rerun, start_rerun
from grader.workflow.samples import PastAttempt, enter_class
from grader.workflow.service import Place, Service
from scripts.benchmarks import samples
from scripts.benchmarks.table import Row

_HW4 = Place("demo", "hw4")
_SECONDS_OF_THOUSAND = 100
T = TypeVar("T")
Files = dict[str, bytes]


def rows(count: int) -> list[Row]:
    """Measure a rerun of `count` submissions, and what is asked of it then."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/grader.db")
        migrations.migrate(database)
        service = Service(database, Releases(database, Path(folder) / "suites"))
        release(service, take_snapshot(samples.ROOT / "reference" / "hw4"), "a benchmark")
        _enter(service, count)
        try:
            return _measured(service, count)
        finally:
            database.close()


def _measured(service: Service, count: int) -> list[Row]:
    tutor = authenticate(service, create_token(service.database, "tutor", Role.ASSISTANT))
    pool = SlotPool(service.database, service.suites, service.board, _slots())
    pool.start()
    begun, rerun = _timed(lambda: start_rerun(service, tutor, _HW4, Wanted()))
    until = time.monotonic() + 1 + count
    started = time.perf_counter()
    while read_rerun(service, tutor, rerun.id).state.under_way:
        if time.monotonic() > until:
            raise AssertionError("the rerun does not end")
        time.sleep(0.5)
    graded = begun + time.perf_counter() - started
    pool.stop(30)
    shown, _ = _timed(lambda: list_changes(service, tutor, rerun.id, ChangeListing(limit=100)))
    proposal = read_proposal(service, tutor, rerun.id)
    applied, _ = _timed(lambda: apply_rerun(service, tutor, rerun.id, Only.ALL))
    goal = _SECONDS_OF_THOUSAND * count / 1000
    failed, changed = proposal.totals.failed, proposal.totals.changed
    return [
        Row(f"rerun of a class of {count}", f"{graded:.1f} s", f"≤ {goal:g} s", graded <= goal),
        Row("  without a result", str(failed), "0", failed == 0),
        Row("  begun in", f"{begun * 1000:.0f} ms"),
        Row(f"  first 100 of {changed} changes shown in", f"{shown * 1000:.0f} ms"),
        Row("  applied in", f"{applied * 1000:.0f} ms"),
    ]


def _enter(service: Service, count: int) -> None:
    """Let a class have handed in; what it got is made up, as only the rerun is measured."""
    now = datetime.now(UTC)
    attempts = [
        PastAttempt(f"student-{number}", now, tuple(files.items()), runs.UPLOAD)
        for number, files in enumerate(islice(_class(), count))
    ]
    enter_class(service, _HW4, attempts)
    case = CaseResult("LossTest", "loss.py", 100.0, 100.0, Verdict.ACCEPTED)
    with service.database.writing() as session:
        while held := runs.claim(session, "a benchmark", now, now + timedelta(hours=1)):
            result = RunResult(held.suite_version, held.seed, (case,), seconds=0.1)
            runs.finish(session, held, result, now)


def _class() -> Iterator[Files]:
    """Give files without end; of each hundred as many of each kind as in a real class."""
    root = samples.ROOT / "submissions" / "hw4"
    plan = read_class(root)
    if plan is None:
        raise AssertionError("the class of the samples is gone")
    kinds = [cycle([_files(root / name) for name in group.samples]) for group in plan.groups]
    # Each kind is spread over the hundred: ordered by where in it each of its files stands.
    order = sorted(
        ((index + 0.5) / group.share, kind)
        for kind, group in enumerate(plan.groups)
        for index in range(int(group.share))
    )
    for _place, kind in cycle(order):
        yield next(kinds[kind])


def _files(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.glob("*.py")}


def _slots() -> int:
    return len(os.sched_getaffinity(0))


def _timed(action: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result

"""The slots of one process: threads that claim runs, grade them and write what comes back."""

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice

from grader.domain.runs import RunRequest, RunResult, RunStatus
from grader.domain.verdicts import CaseResult, Verdict
from grader.domain.workers import Worker
from grader.errors import (
    GraderError,
    SandboxUnavailable,
    StorageRefusal,
    StorageUnavailable,
    SuiteFailure,
)
from grader.grading.slots import WARM_SUITES, Slot, core_of
from grader.queue.board import Board
from grader.queue.owners import host, new_owner, owner_is_dead
from grader.queue.releases import Releases
from grader.queue.reruns import end_reruns
from grader.storage import leases, runs, workers
from grader.storage.database import Database
from grader.storage.runs import Claim

log = logging.getLogger(__name__)

# A run of a worker that was lost is taken up within a lease, a sweep and a poll: 11 s.
_LEASE = timedelta(seconds=8)
_KEEP_SECONDS = 2.0  # between renewals and sweeps: several fit in a lease
_POLL_SECONDS = 1.0  # for runs that come due, or were queued unheard
_PAUSE_SECONDS = 1.0  # after the database failed


class SlotPool:
    """Grades queued runs in `count` slots until stopped."""

    def __init__(
        self,
        database: Database,
        suites: Releases,
        board: Board,
        count: int,
        *,
        restart_seconds: float = 10.0,
    ) -> None:
        self._database = database
        self._suites = suites
        self._board = board
        self._owners = [new_owner() for _ in range(count)]
        self._name = new_owner()
        self._started_at = datetime.now(UTC)
        self._threads: list[threading.Thread] = []
        self._unsure: set[str] = set()  # owners who may hold a run that they do not grade
        self._stopping = threading.Event()
        self._restart_seconds = restart_seconds
        self._troubles: dict[int, str] = {}  # by slot: why it grades nothing
        self.missing: tuple[str, ...] = ()  # layers of the sandbox that only harden it

    @property
    def trouble(self) -> str:
        """Why a slot grades nothing, if so."""
        return next(iter(list(self._troubles.values())), "")

    def start(self) -> None:
        """Start to grade, and to queue again what lost processes held."""
        self._board.slots = len(self._owners)
        for index, owner in enumerate(self._owners):
            self._spawn(f"slot-{index}", self._run_slot, index, owner)
        self._spawn("lease-keeper", self._keep_leases)

    def stop_claiming(self) -> None:
        """Begin no further run, and let those go who wait for one."""
        self._stopping.set()
        self._board.close()

    def stop(self, grace_seconds: float) -> None:
        """Let running runs end within `grace_seconds`, and queue again those that do not."""
        self.stop_claiming()
        for _ in self._owners:
            self._board.queued()
        until = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        try:
            with self._database.writing() as session:
                released = sum(leases.release(session, owner) for owner in self._owners)
                workers.forget(session, self._name)
        except StorageUnavailable as error:  # their leases run out
            log.error("runs not released", exc_info=error)
            return
        if released:
            log.warning("runs released unfinished", extra={"count": released})

    @property
    def count(self) -> int:
        """Return how many slots there are."""
        return len(self._owners)

    def _spawn(self, name: str, target: Callable[..., None], *args: object) -> None:
        # Daemons: a run that outlasts the grace must not keep the process; its try is released.
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run_slot(self, index: int, owner: str) -> None:
        """Keep a slot at work; one that ends by an error is started again after a pause."""
        while not self._stopping.is_set():
            try:
                self._use_slot(index, owner)
            except SandboxUnavailable as error:
                self._troubles[index] = str(error)
                log.critical("slot ends: the sandbox is not available", exc_info=error)
            except Exception:  # the outermost loop of a thread
                self._troubles[index] = "a slot ended by an error of ours; see the log"
                log.critical("slot ends", exc_info=True)
            self._let_go(owner)
            self._stopping.wait(self._restart_seconds)

    def _use_slot(self, index: int, owner: str) -> None:
        core = core_of(index, len(self._owners), os.sched_getaffinity(0))
        with Slot(index, core) as slot:
            self._tell_missing(slot)
            self._troubles.pop(index, None)
            warmed: set[str] = set()
            self._warm(slot, warmed)
            log.info("slot is ready", extra={"slot": index})
            while not self._stopping.is_set():
                self._warm(slot, warmed)
                self._step(slot, owner)

    def _let_go(self, owner: str) -> None:
        """Queue again what a slot held when it ended: its lease is renewed as long as we live."""
        while not self._stopping.is_set():
            try:
                with self._database.writing() as session:
                    leases.release(session, owner)
            except StorageUnavailable as error:
                log.error("runs of an ended slot not released", exc_info=error)
                self._stopping.wait(_PAUSE_SECONDS)
            else:
                return

    def _tell_missing(self, slot: Slot) -> None:
        self.missing = tuple(name for name, why in slot.layers.items() if why)
        for name, why in slot.layers.items():
            if why:
                log.warning("a layer of the sandbox is missing", extra={"layer": name, "why": why})

    def _warm(self, slot: Slot, warmed: set[str]) -> None:
        """Start the host of a release when it is new, so that no student need wait for it."""
        try:
            for release in islice(self._suites.values(), WARM_SUITES):
                if release.version not in warmed and not self._stopping.is_set():
                    warmed.add(release.version)
                    slot.cases(self._suites.unpack(release))
        except SandboxUnavailable:
            raise
        except GraderError as error:
            log.error("suite cannot be started ahead of need", exc_info=error)

    def _step(self, slot: Slot, owner: str) -> None:
        try:
            held = self._claim(owner)
        except StorageUnavailable as error:
            log.error("no run could be claimed", exc_info=error)
            # It may have been committed, and its answer lost: nobody would grade it, nor let it go.
            self._unsure.add(owner)
            self._stopping.wait(_PAUSE_SECONDS)
            return
        if held is None:
            self._board.wait_for_work(_POLL_SECONDS)
            return
        self._board.begun(held.run_id, held.try_number)
        try:
            self._try(slot, held)
        finally:
            self._board.ended(held.run_id, held.try_number)

    def _try(self, slot: Slot, held: Claim) -> None:
        try:
            result = self._grade(slot, held)
        except SandboxUnavailable:
            raise  # ends the slot, which lets go of the run
        except StorageUnavailable as error:  # says nothing against the run
            log.error("run not graded", extra={"run": held.run_id}, exc_info=error)
            self._unsure.add(held.owner)
            self._stopping.wait(_PAUSE_SECONDS)
        except GraderError as error:
            self._persist(held, error)
        except Exception as error:  # one run's surprise must not end the slot
            log.exception("unexpected error", extra={"run": held.run_id})
            self._persist(held, error)
        else:
            self._persist(held, result)

    def _claim(self, owner: str) -> Claim | None:
        now = datetime.now(UTC)
        with self._database.writing(lasting=False) as session:
            if owner in self._unsure:
                leases.release(session, owner)
            held = runs.claim(session, owner, now, now + _LEASE)
        self._unsure.discard(owner)
        return held

    def _grade(self, slot: Slot, held: Claim) -> RunResult:
        release = self._suites.find((held.course, held.assignment), held.suite_version)
        suite = self._suites.folder(release)
        if release.version not in slot.warm:  # whoever starts a host reads the files
            suite = self._suites.unpack(release)
        request = RunRequest(suite, held.files, held.seed, held.cases)
        result = slot.grade(request, partial(self._tell, held))
        result.score  # noqa: B018  # raises on an internal error, which makes this a failed try
        if missing := set(held.cases) - {case.name for case in result.cases}:
            names = ", ".join(sorted(missing))
            raise SuiteFailure(f"suite version {result.suite_version} has no case {names}")
        return result

    def _tell(self, held: Claim, case: CaseResult) -> None:
        # An internal error makes this a failed try: it is no news for those who follow.
        if case.verdict is not Verdict.INTERNAL_ERROR:
            self._board.judged(held.run_id, held.try_number, case)

    def _persist(self, held: Claim, outcome: RunResult | Exception) -> None:
        """Write how a try ended, trying again while the database fails: the grading is done."""
        while True:
            try:
                self._write(held, outcome)
            except StorageRefusal as error:  # of this result: it would keep the slot for good
                if isinstance(outcome, Exception):
                    raise
                outcome = error
            except StorageUnavailable as error:
                log.error("result not written", extra={"run": held.run_id}, exc_info=error)
                if self._stopping.wait(_PAUSE_SECONDS):
                    return
            else:
                return

    def _write(self, held: Claim, outcome: RunResult | Exception) -> None:
        now = datetime.now(UTC)
        with self._database.writing(lasting=False) as session:
            if isinstance(outcome, RunResult):
                stands = RunStatus.GRADED if runs.finish(session, held, outcome, now) else None
            else:
                stands = runs.fail_try(session, held, f"{type(outcome).__name__}: {outcome}", now)
        where = {"run": held.run_id, "try": held.try_number, "status": stands or "lost"}
        if isinstance(outcome, Exception):
            # What a suite raised may quote the submission: that is kept with the run, for staff.
            quotes = isinstance(outcome, SuiteFailure)
            where["error"] = type(outcome).__name__
            log.error("try failed", extra=where, exc_info=None if quotes else outcome)
        else:
            # A class of samples would push off the screen what was printed at the start.
            level = logging.DEBUG if held.trigger == runs.SAMPLE else logging.INFO
            log.log(level, "run ended", extra=where)
        if held.trigger == runs.RERUN and stands in (RunStatus.GRADED, RunStatus.FAILED):
            self._end_reruns()

    def _end_reruns(self) -> None:
        try:
            end_reruns(self._database)
        except StorageUnavailable as error:  # the sweep does it
            log.error("no look at reruns", exc_info=error)

    def _keep_leases(self) -> None:
        while True:
            try:
                self._renew_and_sweep()
            except StorageUnavailable as error:
                log.error("leases not renewed", exc_info=error)
            except Exception:  # the outermost loop of a thread
                log.critical("leases not renewed: an error of ours", exc_info=True)
            if self._stopping.wait(_KEEP_SECONDS):
                return

    def _as_seen(self, now: datetime) -> Worker:
        return Worker(
            name=self._name,
            host=host(),
            slots=self.count,
            started_at=self._started_at,
            seen_at=now,
            missing=self.missing,
            trouble=self.trouble,
        )

    def _renew_and_sweep(self) -> None:
        now = datetime.now(UTC)
        with self._database.writing(lasting=False) as session:
            for owner in self._owners:
                leases.renew(session, owner, now + _LEASE)
            if self._owners:
                workers.seen(session, self._as_seen(now))
        # Apart: two that renew what is theirs, then want each other's, would wait for each other.
        with self._database.writing(lasting=False) as session:
            swept = leases.sweep(session, now)
            for owner in filter(owner_is_dead, leases.owners(session)):
                swept += leases.release(session, owner)
        end_reruns(self._database)
        for _ in range(swept):
            self._board.queued()
        if swept:
            log.warning("runs queued again by the sweep", extra={"count": swept})

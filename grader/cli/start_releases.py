"""What `grader serve` releases at its start: what is new in the reference folder, and passes."""

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from grader.domain.readiness import Finding
from grader.domain.releases import Snapshot
from grader.errors import GraderError
from grader.grading.folders import take_snapshot
from grader.grading.slots import Slot
from grader.workflow.releases import passes_quickly, place_of, release, was_released
from grader.workflow.service import Service

log = logging.getLogger(__name__)

_WHO = "start of the service"


class StartReleases:
    """Releases at start, and keeps in mind which folders could not be.

    A version that was released before is not released again: what followed it was meant to.
    """

    def __init__(self, service: Service, slot_index: int) -> None:
        """Take the index of a slot that is no other's."""
        self._service = service
        self._slot_index = slot_index
        self._refused: dict[str, set[str]] = {}  # name -> the versions that graded then

    def begin(self, folders: Iterable[Path]) -> None:
        """Release what has no release yet; what has one is graded by it until a thread is done.

        Raises:
            StorageUnavailable: the database cannot be used.
        """
        first: list[Snapshot] = []
        later: list[Snapshot] = []
        for snapshot in map(self._read, folders):
            if snapshot is not None and not was_released(self._service, snapshot):
                place = place_of(snapshot)
                known = (place.course, place.assignment) in self._service.suites
                (later if known else first).append(snapshot)
        self._release(first)
        if later:
            threading.Thread(
                target=self._release, args=(later,), name="start-releases", daemon=True
            ).start()

    def finding(self) -> Finding:
        """Tell which folders were not released, of those for which nothing was since."""
        says = []
        for name, then in sorted(self._refused.items()):
            if (now := self._versions(name)) == then:
                still = f"{', '.join(sorted(now))} grades" if now else "it takes no uploads"
                says.append(f"the folder of {name} is not released, see the log; {still}")
        return Finding(says="; ".join(says) or "ok")

    def _read(self, folder: Path) -> Snapshot | None:
        try:
            snapshot = take_snapshot(folder)
        except GraderError as error:
            self._refuse(folder.name, str(error))
            return None
        return snapshot

    def _release(self, snapshots: list[Snapshot]) -> None:
        if not snapshots:
            return
        try:
            with Slot(self._slot_index) as slot:
                for snapshot in snapshots:
                    self._release_one(snapshot, slot)
        except GraderError as error:
            for snapshot in snapshots:
                self._refuse(snapshot.name, str(error))
        except Exception:  # the outermost loop of a thread
            log.critical("releases at start end", exc_info=True)

    def _release_one(self, snapshot: Snapshot, slot: Slot) -> None:
        fields = {"assignment": snapshot.name, "version": snapshot.version}
        log.info("assignment is new: checking it", extra=fields)
        try:
            for checked in passes_quickly(self._service, snapshot, slot):
                if checked.problems:
                    self._refuse(snapshot.name, f"{checked.name}: {'; '.join(checked.problems)}")
                    return
            release(self._service, snapshot, _WHO)
        except GraderError as error:
            self._refuse(snapshot.name, str(error))
        else:
            log.info("assignment released", extra=fields)

    def _refuse(self, name: str, why: str) -> None:
        versions = self._versions(name)
        self._refused[name] = versions
        fields = {"assignment": name, "why": why, "grades": sorted(versions)}
        log.error("assignment not released as its folder stands", extra=fields)

    def _versions(self, name: str) -> set[str]:
        suites = self._service.suites
        return {release.version for (_course, each), release in suites.items() if each == name}

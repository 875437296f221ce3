"""The releases that the service grades with, as the database has them and as they are on disk."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from grader.domain.releases import Release, Snapshot
from grader.domain.runs import SuiteFolder
from grader.errors import AssignmentError, NotFound, StorageUnavailable
from grader.storage import releases
from grader.storage.database import Database
from grader.storage.releases import StoredRelease
from grader.suite.cache import SuiteCache
from grader.suite.folder import TOML, parse_toml, read_snapshot, runtime

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0  # between looks at what other processes released
Key = tuple[str, str]  # course and assignment


class Releases(Mapping[Key, Release]):
    """The current release of each assignment, and any other by its suite version."""

    def __init__(self, database: Database, folder: Path) -> None:
        """Read nothing yet; `folder` is where snapshots are unpacked."""
        self._database = database
        self._cache = SuiteCache(folder)
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._latest = 0
        self._current: dict[Key, Release] = {}
        self._known: dict[tuple[str, str, str], Release] = {}

    def __getitem__(self, key: Key) -> Release:
        return self._up_to_date()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._up_to_date())

    def __len__(self) -> int:
        return len(self._up_to_date())

    def find(self, key: Key, version: str) -> Release:
        """Return the release of an assignment at a suite version.

        Raises:
            NotFound: there is none.
        """
        if release := self._known.get((*key, version)):
            return release
        with self._database.reading() as session:
            stored = releases.find(session, *key, version)
            if stored is None:
                raise NotFound(f"{'/'.join(key)} has no release {version}: nothing grades it")
            release = self._known[*key, version] = _release(session, stored)
        return release

    def folder(self, release: Release) -> SuiteFolder:
        """Return the folder that `unpack` makes."""
        place = self._cache.place(release.version, release.assignment.name)
        return SuiteFolder(place, release.assignment, release.version)

    def unpack(self, release: Release) -> SuiteFolder:
        """Return a release on disk, verified, and unpacked where it is not there as released.

        Raises:
            GraderError: it cannot be unpacked.
        """
        self._cache.unpack(release, lambda: self._load(release))
        return self.folder(release)

    def unpack_new(self, snapshot: Snapshot) -> SuiteFolder:
        """Return what is not yet released on disk, to be checked as it would be released.

        Raises:
            AssignmentError: its `assignment.toml` is not as it must be.
            GraderError: it cannot be unpacked.
        """
        release = Release(0, read_snapshot(snapshot), snapshot.version, snapshot.runtime)
        self._cache.unpack(release, lambda: snapshot)
        return self.folder(release)

    def look(self) -> None:
        """Learn at once of what was released meanwhile."""
        with self._lock, self._database.reading() as session:
            self._look(session)

    def _up_to_date(self) -> Mapping[Key, Release]:
        with self._lock:
            if time.monotonic() - self._looked > _LOOK_SECONDS:
                try:
                    with self._database.reading() as session:
                        self._look(session)
                except StorageUnavailable as error:
                    if not self._current:
                        raise
                    self._looked = time.monotonic()
                    log.warning("no look at the releases", exc_info=error)
            return self._current

    def _look(self, session: Session) -> None:
        latest = releases.latest(session)
        if latest != self._latest:
            self._current = dict(_readable(session, releases.current(session)))
            self._latest = latest
        self._looked = time.monotonic()

    def _load(self, release: Release) -> Snapshot:
        now = runtime()
        if now != release.runtime:
            fields = {"version": release.version, "released": dict(release.runtime), "here": now}
            log.warning("suite grades with another runtime than it was released with", extra=fields)
        with self._database.reading() as session:
            files = releases.files(session, release.id)
        return Snapshot(release.assignment.name, files, release.runtime)


def _readable(session: Session, stored: Iterable[StoredRelease]) -> Iterator[tuple[Key, Release]]:
    for each in stored:
        try:
            yield (each.course, each.assignment), _release(session, each)
        except AssignmentError as error:  # made by another version of ours
            fields = {"assignment": each.assignment, "version": each.version}
            log.error("release cannot be used", extra=fields, exc_info=error)


def _release(session: Session, stored: StoredRelease) -> Release:
    toml = releases.file(session, stored.id, TOML)
    return Release(stored.id, parse_toml(stored.assignment, toml), stored.version, stored.runtime)

"""Snapshots on disk: unpacked whole or not at all, and verified before each use."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.domain.releases import Release, Snapshot
from grader.errors import GraderError

_UNFINISHED = ".unfinished-"
_READ_ONLY = 0o444


class SuiteCache:
    """A folder with a folder for each suite version, which several processes may share."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def place(self, version: str, name: str) -> Path:
        """Return where the assignment `name` at a suite version is, or will be."""
        return self._root / version / name  # an assignment is called as its folder

    def unpack(self, release: Release, load: Callable[[], Snapshot]) -> Path:
        """Return where a release is on disk, as it was released; `load` is asked where it is not.

        Raises:
            GraderError: it cannot be written, or what `load` gives is another version.
        """
        version, name = release.version, release.assignment.name
        place = self.place(version, name)
        try:
            with self._alone():
                if not place.is_dir() or _read(place, release).version != version:
                    self._write(load(), version)
        except OSError as error:
            raise GraderError(
                f"suite {version} of {name} cannot be unpacked: {error.strerror} ({self._root})"
            ) from error
        return place

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others out. The lock ends with the process: what is unfinished has no owner then."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._clear()
            try:
                yield
            finally:
                self._clear()

    def _clear(self) -> None:
        for left in self._root.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)  # what stays is not used

    def _write(self, snapshot: Snapshot, version: str) -> None:
        if snapshot.version != version:
            raise GraderError(
                f"the release {version} of {snapshot.name} is damaged: its files have another hash"
            )
        unfinished = self._new_folder()
        for path, content in snapshot.files.items():
            file = unfinished / snapshot.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(_READ_ONLY)
        target = self._root / version
        if target.exists():  # not as it was written
            target.rename(self._new_folder() / version)
        unfinished.rename(target)

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self._root))


def _read(place: Path, release: Release) -> Snapshot:
    """Read all that there is, hidden or not; what is no file of its own is as no release has it."""
    files = {
        path.relative_to(place).as_posix(): (
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"no file"
        )
        for path in place.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    return Snapshot(release.assignment.name, files, release.runtime)

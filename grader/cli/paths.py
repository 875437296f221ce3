"""Reading what is to be graded from a folder, a zip or a file of this machine."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from grader.domain.assignments import Assignment
from grader.domain.intake import Entry, Intake, take_tree, take_upload
from grader.domain.zips import MAX_ZIP_BYTES
from grader.errors import NotFound, UploadRefused, UsageError

_MOST_ENTRIES = 20_000
_SKIPPED = frozenset({".git", ".venv", "venv", "__pycache__", "node_modules", "__MACOSX"})


def read_path(assignment: Assignment, path: str) -> Intake:
    """Take what `assignment` asks for from a folder, a zip or a single file.

    Raises:
        UsageError: the path is not there, cannot be read, or breaks a rule of intake.
    """
    place = Path(path)
    try:
        if place.is_dir():
            return _take_folder(assignment, place)
        content = _read(place, MAX_ZIP_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound("There is no such file or folder.") from error
    except OSError as error:
        raise UsageError(f"It cannot be read: {error.strerror}.") from error
    return take_upload(assignment, [(place.name, content)])


def _take_folder(assignment: Assignment, folder: Path) -> Intake:
    try:
        return take_tree(assignment, list(_entries(folder)))
    except UploadRefused as refused:
        if refused.reason != "duplicate_file":
            raise
        message = f"{refused} Are these several submissions? Then name each, as in {folder}/*/"
        raise UploadRefused(refused.reason, message) from refused


def _entries(folder: Path) -> Iterator[Entry]:
    """Walk a student's folder without following a link."""
    seen = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            seen += 1
            if seen > _MOST_ENTRIES:
                raise UploadRefused("too_many_entries", f"More than {_MOST_ENTRIES} files there.")
            path = Path(where, name)
            regular = stat.S_ISREG(path.lstat().st_mode)
            relative = path.relative_to(folder).as_posix()
            yield Entry(relative, partial(_read_unlinked, path), regular)


def _read_unlinked(path: Path, limit: int) -> bytes:
    return _read(path, limit, os.O_NOFOLLOW)


def _read(path: Path, limit: int, flags: int = 0) -> bytes:
    # Opening a pipe would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError("It is neither a folder nor a file.")
        return file.read(limit)

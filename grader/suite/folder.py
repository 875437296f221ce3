"""Reads an assignment's folder: its toml, and the snapshot of all that grades."""

import os
import stat
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path, PurePosixPath

from grader.domain.assignments import Assignment, parse_assignment
from grader.domain.releases import Snapshot
from grader.domain.runs import SuiteFolder
from grader.errors import AssignmentError, NotFound

TOML = "assignment.toml"
_OUTSIDE = "outside_data"  # where a snapshot has the data that lay beside the assignment's folder
# The solution is no part of judging, but a suite may read it, and a host warms up on it.
_GRADES = (TOML, "suite", "scaffold", "starter", "solution", "data")
_UNSEEN = "__pycache__"
_MOST_FILES = 1000
_MOST_BYTES = 64 << 20
_PATH_CHARACTERS = 300  # what the database keeps of a path


def read_assignment(folder: Path) -> Assignment:
    """Return what `assignment.toml` in `folder` says.

    Raises:
        NotFound: there is none.
        AssignmentError: it is not as it must be.
    """
    path = folder / TOML
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(
            f"{folder} is no assignment: {path.name} cannot be read ({error.strerror})"
        ) from error
    assignment = parse_toml(folder.name, content)
    kept = _kept_outside(assignment)
    return replace(assignment, data_source=kept) if (folder / kept).exists() else assignment


def read_snapshot(snapshot: Snapshot) -> Assignment:
    """Return what `assignment.toml` of a snapshot says.

    Raises:
        AssignmentError: it is not as it must be.
    """
    return parse_toml(snapshot.name, snapshot.files.get(TOML, b""))


def parse_toml(name: str, content: bytes) -> Assignment:
    """Return what the bytes of an `assignment.toml` say of the assignment `name`.

    Raises:
        AssignmentError: they are not as they must be.
    """
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{TOML} of {name} is not valid TOML: {error}") from error
    return parse_assignment(name, table)


def load_suite(folder: Path) -> SuiteFolder:
    """Return the folder as it stands, with the version that its snapshot has now.

    Raises:
        NotFound: there is no `assignment.toml`.
        AssignmentError: something in it is not as it must be, or there is no suite.
    """
    folder = folder.resolve()
    return SuiteFolder(folder, read_assignment(folder), take_snapshot(folder).version)


def take_snapshot(folder: Path) -> Snapshot:
    """Read all of an assignment that grades, with the data that it names wherever that lies.

    Hidden files, which editors and systems leave, are no part of it. A symbolic link is refused:
    what it leads to can change unseen, and need not be there where the snapshot is unpacked. The
    data may be one, for it is named on purpose.

    Raises:
        NotFound: there is no `assignment.toml`.
        AssignmentError: something in the folder is not as it must be, or there is no suite.
    """
    folder = folder.resolve()
    assignment = read_assignment(folder)
    if not (folder / "suite").is_dir():
        raise AssignmentError(f"{folder} has no suite/ folder")
    try:
        return Snapshot(folder.name, _read_all(folder, assignment), runtime())
    except OSError as error:
        raise AssignmentError(
            f"{error.filename} cannot be read, so {folder.name} cannot be kept: {error.strerror}"
        ) from error


def runtime() -> dict[str, str]:
    """Return the versions on which what a suite says depends."""
    python = ".".join(map(str, sys.version_info[:2]))
    return {"numpy": metadata.version("numpy"), "python": python}


def _kept_outside(assignment: Assignment) -> str:
    return f"{_OUTSIDE}/{PurePosixPath(assignment.data_source).name}"


def _read_all(folder: Path, assignment: Assignment) -> dict[str, bytes]:
    named = Path(os.path.normpath(folder / assignment.data_source))
    inside = named.is_relative_to(folder)
    kept_data = named.relative_to(folder).as_posix() if inside else _kept_outside(assignment)
    found: dict[str, Path] = {}
    size = 0
    for kept, path in _files(folder, named, kept_data):
        if len(kept) > _PATH_CHARACTERS or not kept.isprintable():
            raise AssignmentError(f"the path {kept[:_PATH_CHARACTERS]!a} cannot be kept")
        size += 0 if kept in found else path.stat().st_size
        found[kept] = path
        if len(found) > _MOST_FILES or size > _MOST_BYTES:
            raise AssignmentError(
                f"{folder.name} is too large to be kept: what grades may have {_MOST_FILES} files "
                f"and {_MOST_BYTES >> 20} MiB in all, and {kept} is beyond that"
            )
    return {kept: path.read_bytes() for kept, path in found.items()}


def _files(folder: Path, data: Path, kept_data: str) -> Iterator[tuple[str, Path]]:
    """Yield each file that grades, after the path that it is kept under."""
    for top in (folder / name for name in _GRADES if os.path.lexists(folder / name)):
        for path in _regular_files(top, data):
            yield path.relative_to(folder).as_posix(), path
    if data.exists():
        source = data.resolve()
        for path in _regular_files(source, data):
            yield (Path(kept_data) / path.relative_to(source)).as_posix(), path


def _regular_files(top: Path, data: Path) -> Iterator[Path]:
    """Yield a file, or those below a folder; a link is left out where it is the data.

    Raises:
        AssignmentError: one is neither file nor folder.
    """
    mode = top.lstat().st_mode
    if stat.S_ISREG(mode):
        yield top
    elif stat.S_ISDIR(mode):
        for path in sorted(top.iterdir()):
            if not path.name.startswith(".") and path.name != _UNSEEN:
                yield from _regular_files(path, data)
    elif not stat.S_ISLNK(mode):
        raise AssignmentError(f"{top} is neither file nor folder: take it away")
    elif top != data:
        raise AssignmentError(f"{top} is a symbolic link: put what it leads to in its place")

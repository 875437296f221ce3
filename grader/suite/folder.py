"""Reads an assignment's folder: its toml, and the hash that names its suite version."""

import hashlib
import tomllib
from importlib import metadata
from pathlib import Path

from grader.domain.assignments import Assignment, parse_assignment
from grader.domain.runs import SuiteFolder
from grader.errors import AssignmentError, NotFound

_GRADES = ("assignment.toml", "suite", "scaffold", "starter", "data")
_UNSEEN = {"__pycache__", ".pytest_cache"}


def read_assignment(folder: Path) -> Assignment:
    """Return what `assignment.toml` in `folder` says.

    Raises:
        NotFound: there is none.
        AssignmentError: it is not as it must be.
    """
    path = folder / "assignment.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise NotFound(
            f"{folder} is no assignment: {path.name} cannot be read ({error.strerror})"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} is not valid TOML: {error}") from error
    return parse_assignment(folder.name, table)


def load_suite(folder: Path) -> SuiteFolder:
    """Return the folder as it stands, named by the hash of all that grades and of NumPy's version.

    Raises:
        NotFound: there is no `assignment.toml`.
        AssignmentError: it is not as it must be, or there is no suite.
    """
    folder = folder.resolve()
    assignment = read_assignment(folder)
    if not (folder / "suite").is_dir():
        raise AssignmentError(f"{folder} has no suite/ folder")
    digest = hashlib.sha256(f"numpy {metadata.version('numpy')}\0".encode())
    for name in (*_GRADES, assignment.data_source):  # the last may lie elsewhere
        top = folder / name
        files = (
            [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        )
        for path in files:
            if not _UNSEEN & set(path.parts):
                content = path.read_bytes()
                relative = Path(name) / path.relative_to(top)
                digest.update(f"{relative.as_posix()}\0{len(content)}\0".encode() + content)
    return SuiteFolder(folder, assignment, digest.hexdigest()[:16])

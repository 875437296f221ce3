"""Finding assignments by name in the reference folder."""

from pathlib import Path

from grader.domain.runs import SuiteFolder
from grader.errors import NotFound, UsageError
from grader.grading.folders import load_suite


def assignment_folders(reference: Path) -> list[Path]:
    """Return the folders of all assignments, in order of their names."""
    return sorted(path.parent for path in reference.glob("*/assignment.toml"))


def find_suite(reference: Path, name: str | None) -> SuiteFolder:
    """Load an assignment by `name`, `course/name`, or the only one there is.

    Raises:
        NotFound: there is no such assignment; the message lists those there are.
    """
    folders = assignment_folders(reference)
    names = ", ".join(folder.name for folder in folders) or "none"
    if name is None:
        if len(folders) != 1:
            raise UsageError(f"Say which assignment with --assignment; there are: {names}.")
        return load_suite(folders[0])
    course, _, bare = name.rpartition("/")
    for folder in folders:
        if folder.name == bare:
            suite = load_suite(folder)
            if course in ("", suite.assignment.course):
                return suite
    raise NotFound(f"There is no assignment {name} in {reference}; there are: {names}.")


def chosen_folders(reference: Path, name: str | None) -> list[Path]:
    """Return the folder of one assignment by its name, or of all where none is named.

    Raises:
        NotFound: there is no such assignment; the message lists those there are.
    """
    if name is None:
        return assignment_folders(reference)
    return [find_suite(reference, name).path]

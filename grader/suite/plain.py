"""Plain use: `pytest SUITE --submission PATH`, with a zygote of its own."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from grader.domain.assignments import Assignment
from grader.domain.intake import take_upload
from grader.sandbox.lease import Lease
from grader.sandbox.zygote import Zygote
from grader.suite.folder import read_assignment
from grader.suite.plan import Plan, make_plan
from grader.suite.session import Session


def plan_of(start: Path, arguments: Sequence[Path]) -> Plan:
    """Return the plan of the assignment that the collected paths belong to."""
    for argument in arguments:
        path = (start / argument).resolve()
        for folder in (path, *path.parents):
            if (folder / "assignment.toml").is_file():
                return make_plan(read_assignment(folder), folder)
    raise pytest.UsageError("no assignment.toml above what is collected; name the suite's folder")


@contextlib.contextmanager
def session_of(plan: Plan, path: Path, seed: int) -> Iterator[Session]:
    """Open a session for the submission at `path`."""
    files = _files(plan.assignment, path)
    with Zygote() as zygote:
        session = Session(Lease(zygote.lease()), plan, files, seed)
        yield session
        session.close()


def _files(assignment: Assignment, path: Path) -> Mapping[str, bytes]:
    paths = (
        [path / name for name in assignment.files if (path / name).is_file()]
        if path.is_dir()
        else [path]
    )
    try:
        return take_upload(assignment, [(each.name, each.read_bytes()) for each in paths]).files
    except OSError as error:
        raise pytest.UsageError(f"{path} cannot be read: {error.strerror}") from None

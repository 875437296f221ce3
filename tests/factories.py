"""Values for tests, each right in all that a test does not name."""

import stat
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from grader.domain.assignments import Assignment
from grader.domain.runs import RunResult, SuiteFolder
from grader.domain.verdicts import CaseResult, Verdict

HW4_FILES = {
    "loss.py": "exercise_code.networks.loss",
    "classifier.py": "exercise_code.networks.classifier",
    "optimizer.py": "exercise_code.networks.optimizer",
    "solver.py": "exercise_code.solver",
}


def an_assignment(**changes: object) -> Assignment:
    """Make an assignment of four files, all of which must be handed in."""
    fields: dict[str, Any] = {"name": "hw4", "title": "HW4", "files": HW4_FILES, **changes}
    return Assignment(**fields)


def a_suite(**changes: object) -> SuiteFolder:
    """Make the folder of an assignment, of which only the values exist."""
    return SuiteFolder(Path("reference/hw4"), an_assignment(**changes), "a" * 64)


def a_case(**changes: object) -> CaseResult:
    """Make an accepted case of ten points."""
    fields: dict[str, Any] = {
        "name": "BCEForwardTest",
        "file": "loss.py",
        "points": 10.0,
        "max_points": 10.0,
        "verdict": Verdict.ACCEPTED,
        **changes,
    }
    return CaseResult(**fields)


def a_result(*cases: CaseResult, **changes: object) -> RunResult:
    """Make a run result of `cases`, or of one accepted case."""
    fields: dict[str, Any] = {"suite_version": "a" * 64, "seed": 7, "seconds": 0.25, **changes}
    return RunResult(cases=cases or (a_case(),), **fields)


def a_zip(files: dict[str, bytes], *, links: dict[str, str] | None = None) -> bytes:
    """Make a zip of `files` by path, and of symbolic links by path and target."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        for path, target in (links or {}).items():
            info = zipfile.ZipInfo(path)
            info.create_system = 3  # Unix, where the attributes hold the mode
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return out.getvalue()

"""The demo course: somebody to submit as, and a line that does."""

import shlex
from pathlib import Path

from grader.config import ROOT
from grader.domain.people import Role
from grader.storage.database import Database
from grader.workflow.people import create_token, revoke_labelled
from grader.workflow.service import Service

_STUDENT = "demo-student"
_LABEL = "demo"


def prepare_demo(database: Database) -> str:
    """Return a fresh token of the demo student; those of earlier starts end."""
    revoke_labelled(database, _LABEL)
    return create_token(database, _STUDENT, Role.STUDENT, _LABEL)


def submit_line(url: str, service: Service, token: str) -> list[str]:
    """Return what to print: a `curl` line that submits a sample of the first assignment."""
    for place, suite in service.suites.items():
        sample = ROOT / "submissions" / place[1] / "accepted" / "plain"
        files = [path for path in map(sample.joinpath, suite.assignment.files) if path.is_file()]
        if files:
            break
    else:
        return [f"The demo student's token: {token}"]
    course, name = place
    route = f"{url}/api/v1/courses/{course}/assignments/{name}/submissions?wait=30"
    parts = ["curl", "-sS", "-H", f"Authorization: Bearer {token}"]
    for path in files:
        parts += ["-F", f"files=@{_near(path)}"]
    return ["Submit a sample as the demo student:", "", shlex.join([*parts, route]), ""]


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path

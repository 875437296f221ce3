"""The demo course: a class that has handed in, somebody to submit as, and a line that does."""

import logging
import shlex
import threading
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from grader.cli.database import link_address
from grader.cli.demo_class import past_attempts, read_class
from grader.config import ROOT
from grader.domain.people import Grant, Role
from grader.errors import StorageUnavailable
from grader.storage.database import Database
from grader.workflow.people import create_token, revoke_labelled
from grader.workflow.samples import enter_class, samples_left
from grader.workflow.service import Place, Service
from grader.workflow.sign_in import end_links_labelled, make_link

log = logging.getLogger(__name__)

_COURSE = "demo"
_STUDENT, _INSTRUCTOR = "demo-student", "instructor"
_LABEL = "demo"
_SAMPLES = ROOT / "submissions"
_LOOK_SECONDS = 10.0


class Demo(Enum):
    """What `grader serve` makes of the demo course."""

    NONE = 0  # production: no token, no class
    EMPTY = 1
    WITH_CLASS = 2


def prepare_demo(database: Database) -> str:
    """Return a fresh token of the demo student; those of earlier starts end."""
    revoke_labelled(database, _LABEL)
    return create_token(database, _STUDENT, Role.STUDENT, _LABEL)


def fill_demo(service: Service, samples: Path = _SAMPLES) -> None:
    """Enter the class that goes with each empty assignment of the demo course."""
    names = _names(samples)
    for course, assignment in list(service.suites):
        if course != _COURSE:
            continue
        plan = read_class(samples / assignment)
        if plan is None or not names:
            log.warning("no class: its samples are not there", extra={"folder": str(samples)})
            continue
        suite = service.suites[course, assignment]
        attempts = past_attempts(plan, suite.assignment, names, _STUDENT, datetime.now(UTC))
        if entered := enter_class(service, Place(course, assignment), attempts):
            log.info("a class has handed in", extra={"students": len(names), "attempts": entered})


def watch_class(service: Service) -> None:
    """Log how far the class is graded, in a thread of its own, until it is."""
    threading.Thread(target=_watch, args=[service], name="class", daemon=True).start()


def sign_in_lines(url: str, database: Database) -> list[str]:
    """Return what to print: links that sign in once; the unused ones of earlier starts end."""
    end_links_labelled(database, _LABEL)
    lines = ["", "Sign in with a browser; each link works once, the next start makes new ones:", ""]
    for person, role in ((_INSTRUCTOR, Role.INSTRUCTOR), (_STUDENT, Role.STUDENT)):
        secret = make_link(database, Grant(person, role, label=_LABEL))
        lines.append(f"{person + ':':14}{link_address(url, secret)}")
    return [*lines, ""]


def submit_line(url: str, service: Service, token: str) -> list[str]:
    """Return what to print: a `curl` line that submits a sample of the first assignment."""
    for place, suite in service.suites.items():
        sample = _SAMPLES / place[1] / "accepted" / "plain"
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
    return [
        "Hand in right files from a terminal, as demo-student:",
        "",
        shlex.join([*parts, route]),
        "",
    ]


def _watch(service: Service) -> None:
    before, tick = 0, threading.Event()
    while not service.board.closed:
        with suppress(StorageUnavailable):  # whoever grades says so
            left = samples_left(service)
            if left and left != before:
                log.info("the class is being graded", extra={"runs_left": left})
            elif not left:
                if before:
                    log.info("the class is graded")
                return
            before = left
        tick.wait(_LOOK_SECONDS)


def _names(samples: Path) -> list[str]:
    path = samples / "students.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path

"""`grader submit`: upload to a grader, for students and their CI."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx

from grader.cli.api import LONGEST_WAIT, ApiPlace, ask, connect, place_of, site_of
from grader.cli.exits import Exit
from grader.cli.outputs import require_writable, write_text
from grader.cli.report import show
from grader.domain.runs import RunStatus
from grader.domain.text import printable
from grader.domain.verdicts import CaseResult, Verdict
from grader.errors import GraderError
from grader.grading.formats.junit import junit_xml
from grader.grading.formats.report import Report

_PATIENCE_SECONDS = 900.0  # for a queue before a deadline
_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Target:
    """Where to submit, as whom, and for what: `hw4` or `course/hw4`."""

    url: str
    token: str
    assignment: str


def run(
    target: Target,
    files: tuple[Path, ...],
    wait: bool,
    junit: Path | None,
    fail_under: float | None,
) -> Exit:
    """Upload `files` and, if told to wait, show the result."""
    require_writable(junit)  # an attempt that cannot be reported would be spent for nothing
    with connect(target.url, target.token) as client:
        place = place_of(client, target.assignment)
        submission = _upload(client, place, files, wait=wait)
        number = submission["id"]
        click.echo(f"Submission {number}, attempt {submission['attempt']}.", err=True)
        click.echo(f"See {site_of(target.url)}/submissions/{number}", err=True)
        for warning in submission["warnings"]:
            click.echo(printable(warning, 1000), err=True)
        if not wait:
            return Exit.DONE
        submission = _graded(client, submission)
    report = _report(submission)
    # Not passed or failed before all cases are shown; by a bound of one's own, always.
    mark = place.pass_mark if submission["passed"] is not None else None
    show(report, mark if fail_under is None else fail_under)
    if junit is not None:
        write_text(junit, junit_xml([report]))
    if fail_under is not None:
        return Exit.DONE if submission["score"] >= fail_under else Exit.BELOW
    return Exit.BELOW if submission["passed"] is False else Exit.DONE


def _upload(
    client: httpx.Client, place: ApiPlace, files: tuple[Path, ...], *, wait: bool
) -> dict[str, Any]:
    return ask(
        client,
        "POST",
        f"/courses/{place.course}/assignments/{place.name}/submissions",
        files=[("files", (path.name, path.read_bytes())) for path in files],
        params={"wait": LONGEST_WAIT if wait else 0},
        # A lost answer is asked for again: the key makes sure that it is stored once.
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )


def _graded(client: httpx.Client, submission: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not RunStatus(submission["status"]).over:
        if time.monotonic() > until:
            raise GraderError(f"Submission {submission['id']} is still {submission['status']}.")
        time.sleep(_POLL_SECONDS)
        submission = ask(client, "GET", f"/submissions/{submission['id']}")
    if submission["status"] != RunStatus.GRADED:
        why = submission["error"] or submission["status"]
        raise GraderError(f"Submission {submission['id']} has no score: {why}")
    return submission


def _report(submission: dict[str, Any]) -> Report:
    cases = tuple(
        CaseResult(**{**case, "verdict": Verdict(case["verdict"])}) for case in submission["cases"]
    )
    name = "{assignment} {student} attempt {attempt}".format_map(submission)
    made = datetime.fromisoformat(submission["created_at"])
    return Report(name, cases, submission["seconds"], tuple(submission["notes"]), made)

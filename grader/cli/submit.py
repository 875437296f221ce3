"""`grader submit`: upload to a grader, for students and their CI."""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from grader.cli.exits import Exit
from grader.cli.report import show
from grader.domain.text import printable
from grader.domain.verdicts import CaseResult, Verdict
from grader.errors import GraderError, UsageError
from grader.grading.formats.junit import junit_xml
from grader.grading.formats.report import Report

_WAIT_SECONDS = 30  # the most that the API takes
_PATIENCE_SECONDS = 900.0  # for a queue before a deadline
_POLL_SECONDS = 1.0
_TRIES = 4
_BUSY = (429, 502, 503, 504)
_LONGEST_PAUSE = 30


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
    with _client(target) as client:
        submission = _upload(client, target, files, wait=wait)
        click.echo(f"Submission {submission['id']}, attempt {submission['attempt']}.", err=True)
        for warning in submission["warnings"]:
            click.echo(printable(warning, 1000), err=True)
        if not wait:
            return Exit.DONE
        submission = _graded(client, submission)
    report = _report(submission)
    show(report, None)
    if junit is not None:
        junit.write_text(junit_xml([report]), encoding="utf-8")
    if fail_under is not None:
        return Exit.DONE if submission["score"] >= fail_under else Exit.BELOW
    return Exit.BELOW if submission["passed"] is False else Exit.DONE


def _client(target: Target) -> httpx.Client:
    return httpx.Client(
        base_url=f"{target.url.rstrip('/')}/api/v1",
        headers={"Authorization": f"Bearer {target.token}"},
        timeout=_WAIT_SECONDS + 30,
    )


def _upload(
    client: httpx.Client, target: Target, files: tuple[Path, ...], *, wait: bool
) -> dict[str, Any]:
    course, name = _place(client, target.assignment)
    return _asked(
        client,
        "POST",
        f"/courses/{course}/assignments/{name}/submissions",
        files=[("files", (path.name, path.read_bytes())) for path in files],
        params={"wait": _WAIT_SECONDS if wait else 0},
        # A lost answer is asked for again: the key makes sure that it is stored once.
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )


def _place(client: httpx.Client, assignment: str) -> tuple[str, str]:
    course, _, name = assignment.rpartition("/")
    if course:
        return course, name
    known = _asked(client, "GET", "/assignments")["items"]
    courses = [each["course"] for each in known if each["name"] == name]
    if len(courses) == 1:
        return courses[0], name
    places = ", ".join(f"{each['course']}/{each['name']}" for each in known) or "none"
    raise UsageError(f"Which assignment is {name}? There are: {places}.")


def _graded(client: httpx.Client, submission: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE_SECONDS
    while submission["status"] in ("queued", "running"):
        if time.monotonic() > until:
            raise GraderError(f"Submission {submission['id']} is still {submission['status']}.")
        time.sleep(_POLL_SECONDS)
        submission = _asked(client, "GET", f"/submissions/{submission['id']}")
    if submission["status"] != "graded":
        why = submission["error"] or submission["status"]
        raise GraderError(f"Submission {submission['id']} has no score: {why}")
    return submission


def _asked(client: httpx.Client, method: str, route: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401
    """Ask until there is an answer that is not only for now, a few times."""
    for left in reversed(range(_TRIES)):
        try:
            response = client.request(method, route, **request)
        except httpx.TransportError as error:
            if not left:
                raise GraderError(f"{client.base_url} does not answer: {error}") from error
            time.sleep(_POLL_SECONDS)
            continue
        if response.status_code not in _BUSY or not left:
            return _answer(response)
        pause = response.headers.get("Retry-After", "")
        seconds = int(pause) if pause.isdigit() else 1
        if seconds > _LONGEST_PAUSE:
            return _answer(response)
        time.sleep(seconds)
    raise AssertionError("the last try returns or raises")


def _answer(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise GraderError(f"{response.url} answered {response.status_code}, and not as a grader.")
    if response.is_success:
        return content
    detail = printable(str(content.get("detail", response.reason_phrase)), 2000)
    if response.is_client_error:
        raise UsageError(detail)
    raise GraderError(detail)


def _report(submission: dict[str, Any]) -> Report:
    cases = tuple(
        CaseResult(**{**case, "verdict": Verdict(case["verdict"])}) for case in submission["cases"]
    )
    name = f"{submission['assignment']}, attempt {submission['attempt']}"
    return Report(name, cases, submission["seconds"], tuple(submission["notes"]))

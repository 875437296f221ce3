"""`grader submit`: upload to a grader, for students and their CI."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click
import httpx

from grader.cli.exits import Exit
from grader.cli.outputs import require_writable, write_text
from grader.cli.report import show
from grader.domain.runs import RunStatus
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
    require_writable(junit)  # an attempt that cannot be reported would be spent for nothing
    with _client(target) as client:
        place = _place(client, target.assignment)
        submission = _upload(client, place, files, wait=wait)
        number = submission["id"]
        click.echo(f"Submission {number}, attempt {submission['attempt']}.", err=True)
        click.echo(f"See {_site(target.url)}/submissions/{number}", err=True)
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


def _site(url: str) -> str:
    """Return the address of the service, also where that of its API is given."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"GRADER_URL must begin with http:// or https://, not be {url}.")
    return url.rstrip("/").removesuffix("/api/v1")


def _client(target: Target) -> httpx.Client:
    return httpx.Client(
        base_url=f"{_site(target.url)}/api/v1",
        headers={"Authorization": f"Bearer {target.token}"},
        timeout=_WAIT_SECONDS + 30,
    )


def _upload(
    client: httpx.Client, place: "_Place", files: tuple[Path, ...], *, wait: bool
) -> dict[str, Any]:
    return _asked(
        client,
        "POST",
        f"/courses/{place.course}/assignments/{place.name}/submissions",
        files=[("files", (path.name, path.read_bytes())) for path in files],
        params={"wait": _WAIT_SECONDS if wait else 0},
        # A lost answer is asked for again: the key makes sure that it is stored once.
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )


@dataclass(frozen=True)
class _Place:
    course: str
    name: str
    pass_mark: float


def _place(client: httpx.Client, assignment: str) -> _Place:
    course, _, name = assignment.rpartition("/")
    known = _asked(client, "GET", "/assignments")["items"]
    found = [
        _Place(each["course"], name, each["pass_mark"])
        for each in known
        if each["name"] == name and course in ("", each["course"])
    ]
    if len(found) == 1:
        return found[0]
    places = ", ".join(f"{each['course']}/{each['name']}" for each in known) or "none"
    raise UsageError(f"Which assignment is {name}? There are: {places}.")


def _graded(client: httpx.Client, submission: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not RunStatus(submission["status"]).over:
        if time.monotonic() > until:
            raise GraderError(f"Submission {submission['id']} is still {submission['status']}.")
        time.sleep(_POLL_SECONDS)
        submission = _asked(client, "GET", f"/submissions/{submission['id']}")
    if submission["status"] != RunStatus.GRADED:
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
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise UsageError("GRADER_TOKEN is not valid here: it is mistyped, or was revoked.")
    detail = printable(str(content.get("detail", response.reason_phrase)), 2000)
    if response.is_client_error:
        raise UsageError(detail)
    raise GraderError(detail)


def _report(submission: dict[str, Any]) -> Report:
    cases = tuple(
        CaseResult(**{**case, "verdict": Verdict(case["verdict"])}) for case in submission["cases"]
    )
    name = "{assignment} {student} attempt {attempt}".format_map(submission)
    made = datetime.fromisoformat(submission["created_at"])
    return Report(name, cases, submission["seconds"], tuple(submission["notes"]), made)

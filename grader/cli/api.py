"""Speaking to a grader's API: patiently, and with its problems told in its own words."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from grader.domain.text import printable
from grader.errors import GraderError, UsageError

LONGEST_WAIT = 30  # seconds; the most that the API takes
_TRIES = 4
_PAUSE_SECONDS = 1.0
_BUSY = (429, 502, 503, 504)
_LONGEST_PAUSE = 30


def site_of(url: str) -> str:
    """Return the address of the service, also where that of its API is given."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"GRADER_URL must begin with http:// or https://, not be {url}.")
    return url.rstrip("/").removesuffix("/api/v1")


def connect(url: str, token: str) -> httpx.Client:
    """Return a client of the service at `url`, with a token."""
    return httpx.Client(
        base_url=f"{site_of(url)}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=LONGEST_WAIT + 30,
    )


@dataclass(frozen=True)
class ApiPlace:
    """An assignment as the API knows it."""

    course: str
    name: str
    pass_mark: float


def place_of(client: httpx.Client, assignment: str) -> ApiPlace:
    """Return the assignment called `hw4` or `course/hw4`.

    Raises:
        UsageError: there is none, or there are several; the message lists those there are.
    """
    course, _, name = assignment.rpartition("/")
    known = ask(client, "GET", "/assignments")["items"]
    found = [
        ApiPlace(each["course"], name, each["pass_mark"])
        for each in known
        if each["name"] == name and course in ("", each["course"])
    ]
    if len(found) == 1:
        return found[0]
    places = ", ".join(f"{each['course']}/{each['name']}" for each in known) or "none"
    raise UsageError(f"Which assignment is {name}? There are: {places}.")


def ask(client: httpx.Client, method: str, route: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the object that is answered; ask again a few times while there is none for now.

    Raises:
        UsageError: what was asked for cannot be done; the message is the API's.
        GraderError: nobody answers, or not as a grader would.
    """
    return _object(ask_for(client, method, route, **request))


def ask_for(client: httpx.Client, method: str, route: str, **request: Any) -> httpx.Response:  # noqa: ANN401
    """Return the answer, whatever it is made of.

    Raises:
        UsageError: what was asked for cannot be done; the message is the API's.
        GraderError: nobody answers.
    """
    for left in reversed(range(_TRIES)):
        try:
            response = client.request(method, route, **request)
        except httpx.TransportError as error:
            if not left:
                raise GraderError(f"{client.base_url} does not answer: {error}") from error
            time.sleep(_PAUSE_SECONDS)
            continue
        if response.status_code not in _BUSY or not left:
            return _unless_refused(response)
        pause = response.headers.get("Retry-After", "")
        seconds = int(pause) if pause.isdigit() else 1
        if seconds > _LONGEST_PAUSE:
            return _unless_refused(response)
        time.sleep(seconds)
    raise AssertionError("the last try returns or raises")


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise GraderError(f"{response.url} answered {response.status_code}, and not as a grader.")
    return content


def _unless_refused(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    content = _object(response)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise UsageError("GRADER_TOKEN is not valid here: it is mistyped, or was revoked.")
    detail = printable(str(content.get("detail", response.reason_phrase)), 2000)
    raise UsageError(detail) if response.is_client_error else GraderError(detail)

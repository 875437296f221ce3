"""Every route, asked by everybody: who gets in is written in one table, and nothing is left out."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from httpx import Client, Response

from grader.domain.people import Grant, Role
from grader.domain.reruns import Mode, Wanted
from grader.queue.reruns import end_reruns
from grader.storage import courses, runs
from grader.storage.database import Database
from grader.storage.sign_ins import NewSession, add_session
from grader.web.app import create_app
from grader.workflow.people import authenticate, create_token, revoke_token
from grader.workflow.reruns import start_rerun
from grader.workflow.service import Place, Service
from grader.workflow.sign_in import make_link, sign_in_by_link
from grader.workflow.uploads import Upload, submit
from tests.factories import a_case, a_result
from tests.releases import a_service
from tests.serving import client_at, served

MARK = "only-ann-and-staff-see-this"
LOSS = ("loss.py", f"x = '{MARK}'\n".encode())
FILES = {"files": [("files", ("loss.py", b"x = 1\n"))]}
COLLECTION = "/courses/{course}/assignments/{assignment}"
ROSTER = "/courses/{course}/roster"
LIST = {"files": [("file", ("roster.csv", b"name\nx\n"))]}
SIGN_IN = "sign-in"  # sent there, and brought back

# In this order: a stranger; Ann, whose submission it is; Bob, of the same course; an assistant of
# the course; an instructor of another course. Ann with what is good for the other course only gets
# what the last of them gets; who was let in once and is no longer gets what a stranger gets.
Answers = tuple[int | str, int | str, int | str, int | str, int | str]


def _for_all(answer: int | str) -> Answers:
    return (answer,) * 5


def _signed_in(stranger: int | str) -> Answers:
    return (stranger, 200, 200, 200, 200)


def _of_the_course(stranger: int | str, answer: int = 200) -> Answers:
    return (stranger, answer, answer, answer, 404)


def _for_staff(stranger: int | str) -> Answers:
    return (stranger, 403, 403, 200, 404)


def _anns(stranger: int | str, answer: int = 200) -> Answers:
    return (stranger, answer, 404, answer, 404)


def _staffs(stranger: int | str, answer: int) -> Answers:
    return (stranger, 403, 403, answer, 404)


def _hidden(stranger: int | str, answer: int) -> Answers:
    return (stranger, 404, 404, answer, 404)


ROUTES: dict[tuple[str, str], tuple[Answers, dict[str, Any]]] = {
    ("GET", "/healthz"): (_for_all(200), {}),
    ("GET", "/readyz"): (_for_all(200), {}),
    ("GET", "/metrics"): (_for_all(200), {}),
    ("GET", "/docs"): (_for_all(200), {}),
    ("GET", "/openapi.json"): (_for_all(200), {}),
    ("MOUNT", "/static"): (_for_all(200), {}),
    ("GET", "/api/v1/me"): (_signed_in(401), {}),
    ("GET", "/api/v1/courses"): (_signed_in(401), {}),
    ("GET", "/api/v1/assignments"): (_signed_in(401), {}),
    ("GET", f"/api/v1{COLLECTION}/submissions"): (_of_the_course(401), {}),
    ("POST", f"/api/v1{COLLECTION}/submissions"): (_of_the_course(401, 201), FILES),
    ("GET", f"/api/v1{COLLECTION}/gradebook"): (_for_staff(401), {}),
    ("GET", f"/api/v1{COLLECTION}/gradebook.csv"): (_for_staff(401), {}),
    ("GET", f"/api/v1{COLLECTION}/gradebook.canvas.csv"): (_for_staff(401), {}),
    ("GET", f"/api/v1{COLLECTION}/statistics"): (_for_staff(401), {}),
    ("GET", "/api/v1/submissions/{submission}"): (_anns(401), {}),
    ("GET", "/api/v1/submissions/{submission}/events"): (_anns(401), {}),
    ("GET", "/api/v1/submissions/{submission}/files/{name}"): (_anns(401), {}),
    ("GET", "/api/v1/submissions/{submission}/files.zip"): (_anns(401), {}),
    ("GET", "/api/v1/submissions/{submission}/badge.svg"): (_anns(401), {}),
    ("POST", "/api/v1/submissions/{submission}/retry"): ((401, 403, 404, 409, 404), {}),
    ("GET", "/api/v1/submissions/{submission}/results.json"): (_anns(401), {}),
    ("GET", "/api/v1/submissions/{submission}/junit.xml"): (_anns(401), {}),
    ("GET", f"/api/v1{COLLECTION}/reruns"): (_staffs(401, 200), {}),
    ("POST", f"/api/v1{COLLECTION}/reruns"): (_staffs(401, 202), {"json": {}}),
    ("POST", "/api/v1/submissions/{submission}/reruns"): (
        (401, 403, 404, 202, 404),
        {"json": {}},
    ),
    ("GET", "/api/v1/reruns/{rerun}"): (_hidden(401, 200), {}),
    ("GET", "/api/v1/reruns/{rerun}/events"): (_hidden(401, 200), {}),
    ("GET", "/api/v1/reruns/{rerun}/changes"): (_hidden(401, 200), {}),
    ("GET", "/api/v1/reruns/{rerun}/changes.csv"): (_hidden(401, 200), {}),
    ("GET", "/api/v1/reruns/{rerun}/junit.xml"): (_hidden(401, 200), {}),
    ("POST", "/api/v1/reruns/{rerun}/pause"): (_hidden(401, 409), {}),
    ("POST", "/api/v1/reruns/{rerun}/resume"): (_hidden(401, 409), {}),
    ("POST", "/api/v1/reruns/{rerun}/cancel"): (_hidden(401, 409), {}),
    ("POST", "/api/v1/reruns/{rerun}/discard"): (_hidden(401, 409), {}),
    # Applied already, and asked for again; then taken back, twice.
    ("POST", "/api/v1/reruns/{rerun}/apply"): (_hidden(401, 200), {}),
    ("POST", "/api/v1/reruns/{rerun}/undo"): (_hidden(401, 200), {}),
    ("GET", "/api/v1/audit"): (_hidden(401, 200), {"params": {"course": "demo"}}),
    ("GET", "/api/v1/workers"): ((401, 403, 403, 200, 200), {}),
    ("GET", "/workers"): ((SIGN_IN, 403, 403, 200, 200), {}),
    ("GET", f"/api/v1{ROSTER}"): ((401, 403, 403, 200, 404), {}),
    ("GET", f"/api/v1{ROSTER}.csv"): ((401, 403, 403, 200, 404), {}),
    ("POST", f"/api/v1{ROSTER}"): ((401, 403, 403, 403, 404), LIST),
    ("POST", f"/api/v1{ROSTER}/links"): ((401, 403, 403, 403, 404), {"json": {}}),
    ("GET", ROSTER): ((SIGN_IN, 403, 403, 200, 404), {}),
    ("POST", ROSTER): ((SIGN_IN, 403, 403, 403, 404), LIST),
    ("POST", f"{ROSTER}/confirm"): ((SIGN_IN, 403, 403, 403, 404), {"data": {"csv": "name\nx"}}),
    ("POST", f"{ROSTER}/links"): ((SIGN_IN, 403, 403, 403, 404), {"data": {"whom": "new"}}),
    ("GET", "/"): (_signed_in(SIGN_IN), {}),
    ("GET", COLLECTION): (_of_the_course(SIGN_IN), {}),
    ("GET", f"{COLLECTION}/hand-in"): (_of_the_course(SIGN_IN), {}),
    ("GET", f"{COLLECTION}/events"): (_for_staff(SIGN_IN), {}),
    ("GET", f"{COLLECTION}/gradebook"): (_for_staff(SIGN_IN), {}),
    ("POST", COLLECTION): (_of_the_course(SIGN_IN, 303), FILES),
    ("GET", f"{COLLECTION}/students/{{student}}"): ((SIGN_IN, 404, 404, 200, 404), {}),
    ("GET", "/submissions/{submission}"): (_anns(SIGN_IN), {}),
    ("GET", "/submissions/{submission}/events"): (_anns(SIGN_IN), {}),
    ("POST", "/submissions/{submission}/retry"): ((SIGN_IN, 403, 404, 303, 404), {}),
    ("GET", "/submissions/{submission}/files/{name}"): (_anns(SIGN_IN), {}),
    ("POST", "/submissions/{submission}/reruns"): ((SIGN_IN, 403, 404, 303, 404), {}),
    ("GET", f"{COLLECTION}/reruns"): (_staffs(SIGN_IN, 200), {}),
    ("POST", f"{COLLECTION}/reruns"): (_staffs(SIGN_IN, 303), {"data": {"scope": "all"}}),
    ("GET", f"{COLLECTION}/reruns/{{rerun}}"): (_hidden(SIGN_IN, 200), {}),
    ("POST", f"{COLLECTION}/reruns/{{rerun}}"): (_hidden(SIGN_IN, 303), {"data": {"act": "undo"}}),
    ("GET", f"{COLLECTION}/reruns/{{rerun}}/events"): (
        _hidden(SIGN_IN, 200),
        {"params": {"state": "running"}},
    ),
    ("GET", "/sign-in"): ((200, 303, 303, 303, 303), {}),
    ("POST", "/sign-in"): (_for_all(303), {"data": {"token": "{token}"}}),
    ("GET", "/sign-in/{secret}"): (_for_all(200), {}),
    ("POST", "/sign-in/{secret}"): (_for_all(303), {}),
    ("POST", "/sign-out"): (_for_all(SIGN_IN), {}),
}
PEOPLE = ("stranger", "ann", "bob", "tutor", "foreign tutor")
PARTS = {
    "ann": Grant("ann", Role.STUDENT, "demo"),
    "bob": Grant("bob", Role.STUDENT, "demo"),
    "tutor": Grant("tutor", Role.ASSISTANT, "demo"),
    "foreign tutor": Grant("foreign", Role.INSTRUCTOR, "other"),
    "ann elsewhere": Grant("ann", Role.STUDENT, "other"),
}
LIKE_A_STRANGER = ("revoked token", "unknown token", "expired session", "unknown session")


@dataclass(frozen=True)
class House:
    """A service with a graded submission of Ann's and its applied rerun, and its doors."""

    service: Service
    submission: int
    rerun: int
    client: Callable[[], Client]

    def by_token(self, who: str) -> Client:
        """Let somebody come with a token."""
        client = self.client()
        if who != "stranger":
            client.headers["Authorization"] = f"Bearer {self.token(PARTS[who])}"
        return client

    def by_session(self, who: str) -> Client:
        """Let somebody come with a browser, whose scripts know the token of its pages."""
        browser = self.client()
        browser.headers["Accept"] = "text/html"
        if who != "stranger":
            link = make_link(self.service.database, PARTS[who])
            browser.cookies["grader_session"] = sign_in_by_link(self.service, link)
        return browser

    def no_longer(self, who: str) -> Client:
        """Let somebody come with what was good once, or never."""
        client = self.client()
        if who.endswith("token"):
            secret = self.token(PARTS["ann"]) if who == "revoked token" else "grd_unknown"
            revoke_token(self.service.database, secret)
            client.headers["Authorization"] = f"Bearer {secret}"
            return client
        expired = who == "expired session"
        client.cookies["grader_session"] = self._expired_session() if expired else who
        return client

    def token(self, part: Grant) -> str:
        """Return a new token for a part."""
        database = self.service.database
        return create_token(database, part.person, part.role, course=part.course)

    def ask(self, client: Client, route: tuple[str, str], submission: int = 0) -> Response:
        """Ask a route about Ann's submission, or about another."""
        (method, path), (_, arguments) = route, ROUTES[route]
        secret = make_link(self.service.database, PARTS["ann"]) if "{secret}" in path else ""
        address = path.format(
            course="demo",
            assignment="hw4",
            submission=submission or self.submission,
            rerun=self.rerun,
            name="loss.py",
            student="ann",
            secret=secret,
        )
        if method == "MOUNT":
            return client.get(f"{address}/style.css")
        if method == "POST" and client.headers["Accept"] == "text/html":
            client.headers["X-CSRF-Token"] = _csrf_token(client)
        if "data" in arguments:
            token = self.token(PARTS["ann"])
            fields = {k: text.format(token=token) for k, text in arguments["data"].items()}
            arguments = {**arguments, "data": fields}
        if path == f"{COLLECTION}/events":  # it goes on as long as somebody listens
            with client.stream(method, address) as answer:
                said = next(answer.iter_text(), "")
            headers = {"Location": answer.headers.get("Location", "")}
            return Response(answer.status_code, headers=headers, text=said)
        return client.request(method, address, **arguments)

    def _expired_session(self) -> str:
        secret = token = self.token(PARTS["ann"])
        identity = authenticate(self.service, token)
        then = datetime.now(UTC) - timedelta(seconds=1)
        with self.service.database.writing() as session:
            add_session(session, NewSession(secret, identity, then, then))
        return secret


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[House]:
    """Give a service that keeps a graded submission of Ann's, for all tests of this file."""
    folder = tmp_path_factory.mktemp("every_route")
    database = Database(f"sqlite:///{shutil.copy(migrated, folder)}")
    service = a_service(database)
    with database.writing() as session:
        courses.ensure_course(session, "other", "other")
    with ExitStack() as stack:
        url = stack.enter_context(served(create_app(service)))
        yield House(
            service,
            _graded_submission(service),
            _applied_rerun(service),
            lambda: stack.enter_context(client_at(url)),
        )
    database.close()


def _graded_submission(service: Service) -> int:
    ann = authenticate(service, create_token(service.database, "ann", Role.STUDENT))
    view = submit(service, ann, Place("demo", "hw4"), Upload([LOSS]))
    _grade(service)
    return view.submission.id


def _applied_rerun(service: Service) -> int:
    tutor = authenticate(service, create_token(service.database, "tutor", Role.ASSISTANT))
    rerun = start_rerun(service, tutor, Place("demo", "hw4"), Wanted(mode=Mode.APPLY))
    _grade(service)
    end_reruns(service.database)
    return rerun.id


def _grade(service: Service) -> None:
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(minutes=1))
        assert held is not None
        result = a_result(a_case(message=MARK, output=MARK), notes=(MARK,))
        assert runs.finish(session, held, result, now)


def _csrf_token(browser: Client) -> str:
    page = browser.get("/", follow_redirects=True)
    found = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert found
    return found[1]


def _answer(response: Response) -> int | str:
    sent_to = response.headers.get("Location", "")
    return SIGN_IN if sent_to.startswith("/sign-in") else response.status_code


def _routes_of(service: Service) -> set[tuple[str, str]]:
    found = set()
    for route in iter_route_contexts(create_app(service).routes):
        path = route.path or route.original_route.path  # type: ignore[attr-defined]
        found |= {(method, path) for method in (route.methods or {"MOUNT"}) - {"HEAD"}}
    return found


def test_table_knows_every_route_and_no_other(house: House) -> None:
    assert _routes_of(house.service) == set(ROUTES), "say in ROUTES who may ask the new route"


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_route_lets_in_whom_it_should(house: House, route: tuple[str, str]) -> None:
    expected = dict(zip(PEOPLE, ROUTES[route][0], strict=True))
    # What is of no course goes by the role alone.
    like = "ann" if route[1].endswith("/workers") else "foreign tutor"
    expected["ann elsewhere"] = expected[like]
    for_programs = route[1].startswith("/api/")
    ways = [house.by_token, house.by_session] if for_programs else [house.by_session]

    for way in ways:
        for who, answer in expected.items():
            response = house.ask(way(who), route)
            assert (who, _answer(response)) == (who, answer)
            if who not in ("ann", "tutor"):
                assert MARK not in response.text, f"{who} reads what is Ann's"


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_route_treats_who_was_let_in_once_as_a_stranger(
    house: House, route: tuple[str, str]
) -> None:
    if route[0] == "POST" and not route[1].startswith("/api/"):
        expected = 403 if route[1].startswith("/sign-in") else SIGN_IN  # no form, no token of it
    else:
        expected = ROUTES[route][0][0]

    for who in LIKE_A_STRANGER:
        response = house.ask(house.no_longer(who), route)
        assert (who, _answer(response)) == (who, expected)
        assert MARK not in response.text


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if "{submission}" in route[1]], ids=" ".join
)
def test_submission_that_is_not_theirs_answers_like_one_that_does_not_exist(
    house: House, route: tuple[str, str]
) -> None:
    way = house.by_token if route[1].startswith("/api/") else house.by_session

    for who in ("bob", "foreign tutor", "ann elsewhere"):
        client = way(who)
        answers = {
            (response.status_code, response.text)
            for response in (house.ask(client, route), house.ask(client, route, 999_999))
        }
        assert len(answers) == 1, who


def test_what_is_anns_alone_is_shown_to_ann_and_staff(house: House) -> None:
    route = ("GET", "/api/v1/submissions/{submission}")

    assert MARK in house.ask(house.by_token("ann"), route).text
    assert MARK in house.ask(house.by_session("tutor"), route).text

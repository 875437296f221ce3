"""Every error is a problem document."""

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest
from httpx import Client

from grader.domain.people import Role
from grader.domain.readiness import Finding
from grader.errors import (
    AssignmentError,
    GraderError,
    NotFound,
    SandboxUnavailable,
    StorageUnavailable,
    TooOften,
    UploadRefused,
)
from grader.web.app import create_app
from grader.web.errors import status_of
from grader.web.limits import MAX_BODY_BYTES
from grader.workflow.people import create_token, revoke_all_of
from grader.workflow.service import Service
from tests.serving import served

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
Clients = Callable[..., Client]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nowhere", 404, id="no such page"),
        pytest.param("GET", "/api/v1/courses/demo/assignments/x/submissions", 404, id="no such"),
        pytest.param("DELETE", "/api/v1/me", 405, id="method"),
        pytest.param("POST", ROUTE, 422, id="no files"),
        pytest.param("POST", f"{ROUTE}?wait=31", 422, id="too long a wait"),
        pytest.param("GET", f"{ROUTE}?limit=0", 422, id="limit"),
        pytest.param("GET", f"{ROUTE}?cursor=x", 422, id="cursor"),
        pytest.param("GET", f"{ROUTE}?student=%00", 422, id="no name"),
    ],
)
def test_error_is_a_problem(client_of: Clients, method: str, path: str, status: int) -> None:
    response = client_of("tutor", Role.ASSISTANT).request(method, path)

    problem = response.json()
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param("Bearer grd_unknown", id="unknown"),
        pytest.param("Basic YTpi", id="another scheme"),
        pytest.param("Bearer", id="empty"),
    ],
)
def test_without_a_valid_token_nothing_is_told(client_of: Clients, header: str | None) -> None:
    client = client_of(None)
    if header is not None:
        client.headers["Authorization"] = header

    for path in ("/api/v1/me", "/api/v1/assignments", "/api/v1/submissions/1", ROUTE):
        response = client.get(path)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        pytest.param("Bearer grd_unknown", "mistyped, or was revoked", id="unknown"),
        pytest.param("grd_unknown", "Authorization: Bearer <token>", id="without the word"),
    ],
)
def test_stranger_is_told_what_is_wrong_with_the_token(
    client_of: Clients, header: str, says: str
) -> None:
    response = client_of(None).get("/api/v1/me", headers={"Authorization": header})

    assert says in response.json()["detail"]


@pytest.mark.parametrize(
    ("query", "fields", "says"),
    [
        pytest.param("", {"keep_from": "x"}, "keep_from must be a whole number.", id="no number"),
        pytest.param("", {"keep_from": "0"}, "keep_from must be at least 1.", id="too small"),
        pytest.param("?wait=abc", {}, "wait must be a number.", id="wait"),
        pytest.param("?wait=31", {}, "wait must be at most 30.", id="too long"),
        pytest.param("?wait=nan", {}, "wait must be at most 30.", id="not a number"),
        pytest.param(
            "?wait=x",
            {"keep_from": "x"},
            "keep_from must be a whole number. wait must be a number.",
            id="two",
        ),
    ],
)
def test_value_that_cannot_be_is_told_in_a_sentence(
    client_of: Clients, query: str, fields: dict[str, str], says: str
) -> None:
    files = {"files": ("loss.py", b"x = 1")}

    response = client_of("ann").post(f"{ROUTE}{query}", files=files, data=fields)

    assert response.status_code == 422
    assert response.json()["detail"] == says


@pytest.mark.parametrize(
    "path", ["/healthz", "/openapi.json", "/static/style.css", "/sign-in", ROUTE]
)
def test_head_is_answered_like_get_without_a_body(client_of: Clients, path: str) -> None:
    client = client_of("ann")

    head, get = client.head(path), client.get(path)

    assert head.status_code == get.status_code == 200
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.content == b""


def test_head_of_a_stream_ends_at_once(client_of: Clients) -> None:
    client = client_of("ann")
    submission = client.post(ROUTE, files={"files": ("loss.py", b"x = 1")}).json()["id"]

    head = client.head(f"/api/v1/submissions/{submission}/events")

    assert head.headers["Content-Type"].startswith("text/event-stream")


def test_head_of_what_can_only_be_sent_to_is_refused(client_of: Clients) -> None:
    assert client_of("ann").head("/sign-out").status_code == 405


def test_revoked_token_is_refused(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    before = client.get("/api/v1/me").status_code

    revoke_all_of(service.database, "ann")

    assert (before, client.get("/api/v1/me").status_code) == (200, 401)


def test_token_is_stored_as_its_hash_only(service: Service) -> None:
    secret = create_token(service.database, "ann", Role.STUDENT)

    with service.database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT * FROM token").all()

    assert len(stored) == 1
    assert secret not in repr(stored)


def test_strangers_body_is_not_waited_for(client_of: Clients) -> None:
    answer = _answer_to_headers(client_of(None), "Content-Length: 1000")

    assert answer.startswith("HTTP/1.1 401")


def test_declared_length_over_the_limit_is_refused_at_once(client_of: Clients) -> None:
    answer = _answer_to_headers(client_of("ann"), f"Content-Length: {MAX_BODY_BYTES + 1}")

    assert answer.startswith("HTTP/1.1 413")
    assert "application/problem+json" in answer


def test_body_over_the_limit_is_refused_while_it_arrives(client_of: Clients) -> None:
    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n'
        for _ in range(MAX_BODY_BYTES >> 20):
            yield bytes(1 << 20)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client_of("ann").post(ROUTE, content=body(), headers=headers)

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"


def _answer_to_headers(client: Client, length: str) -> str:
    """Send the headers of an upload and nothing of its body."""
    token = client.headers.get("Authorization", "")
    lines = [f"POST {ROUTE} HTTP/1.1", "Host: x", f"Authorization: {token}", length]
    lines += ["Content-Type: multipart/form-data; boundary=x", "", ""]
    place = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(place, timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(65536).decode()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(UploadRefused("too_large", ""), 413, id="size"),
        pytest.param(UploadRefused("late", ""), 403, id="late"),
        pytest.param(UploadRefused("missing_file", ""), 422, id="missing file"),
        pytest.param(TooOften("attempt_limit", "", 1), 429, id="too often"),
        pytest.param(NotFound(""), 404, id="not found"),
        pytest.param(StorageUnavailable(""), 503, id="storage"),
        pytest.param(SandboxUnavailable(""), 503, id="sandbox"),
        pytest.param(AssignmentError(""), 500, id="ours"),
    ],
)
def test_status_of_an_error(error: GraderError, status: int) -> None:
    assert status_of(error) == status


def test_lost_database_is_told_without_its_details(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE token RENAME TO lost")

    response = client.get("/api/v1/me")

    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "token" not in response.json()["detail"]


def test_not_ready_says_what_is_missing(service: Service) -> None:
    with served(
        create_app(service, {"sandbox": lambda: Finding(False, "Landlock is missing")})
    ) as url:
        ready, alive = httpx.get(f"{url}/readyz"), httpx.get(f"{url}/healthz")

    assert (ready.status_code, alive.status_code) == (503, 200)
    assert "Landlock is missing" in ready.json()["detail"]


def test_ready_says_what_it_asked(service: Service) -> None:
    with served(create_app(service, {"sandbox": Finding})) as url:
        response = httpx.get(f"{url}/readyz")

    assert response.json() == {"status": "ready", "checks": {"database": "ok", "sandbox": "ok"}}


def test_description_of_the_api_names_the_routes(client_of: Clients) -> None:
    paths = client_of(None).get("/openapi.json").json()["paths"]

    assert "post" in paths["/api/v1/courses/{course}/assignments/{assignment}/submissions"]
    assert "/api/v1/submissions/{submission}" in paths

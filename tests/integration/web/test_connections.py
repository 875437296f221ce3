"""Who connects and says nothing is not waited for, and takes nobody's place."""

import resource
import socket
from threading import Event

import httpx
import pytest
from fastapi import FastAPI, Response

from grader.web import connections
from grader.web.connections import PatientProtocol, most_connections
from tests.serving import served

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_ANSWER = b"x" * 10_000


class Impatient(PatientProtocol):
    """The protocol, with less patience."""

    patience = 0.05


class Unhurried(PatientProtocol):
    """The protocol, with more patience than a test has."""

    patience = 60.0


def _an_app() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def answer() -> Response:
        return Response(_ANSWER)

    return app


def _connect(url: str) -> socket.socket:
    place = httpx.URL(url)
    return socket.create_connection((place.host, place.port or 0), timeout=20)


def _until_closed(connection: socket.socket) -> bytes:
    heard = b""
    while more := connection.recv(1 << 20):
        heard += more
    return heard


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(REQUEST[:-2], 0, id="half a header"),
        pytest.param(REQUEST + REQUEST[:-2], 1, id="half a second header"),
        pytest.param(REQUEST * 3, 3, id="three at once and no more"),
    ],
)
def test_connection_without_a_whole_header_is_closed(said: bytes, answers: int) -> None:
    with (
        served(_an_app(), http=Impatient, timeout_keep_alive=60) as url,
        _connect(url) as connection,
    ):
        connection.sendall(said)
        heard = _until_closed(connection)

    assert heard.count(_ANSWER) == answers


def test_request_is_answered_however_long_its_answer_takes() -> None:
    app = FastAPI()
    go_on = Event()

    @app.get("/")
    def answer() -> bool:
        return go_on.wait(20)

    with served(app, http=Impatient) as url, _connect(url) as asking:
        asking.sendall(REQUEST)
        with _connect(url) as silent:
            _until_closed(silent)  # which came later, and whose patience ended
        go_on.set()
        heard = asking.recv(65536)

    assert heard.startswith(b"HTTP/1.1 200")


def test_connections_beyond_the_limit_are_told_so_and_then_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "_TOLD", 1)

    with (
        served(_an_app(), http=Unhurried, limit_concurrency=2) as url,
        _connect(url) as first,
    ):
        served_one = _ask(first)
        with _connect(url) as second:
            told = _ask(second)
        with _connect(url), _connect(url), _connect(url) as beyond:
            dropped = _heard_or_reset(beyond)

    assert served_one.startswith(b"HTTP/1.1 200")
    assert told.startswith(b"HTTP/1.1 503")
    assert dropped == b""


def _ask(connection: socket.socket) -> bytes:
    connection.sendall(REQUEST)
    return connection.recv(65536)


def _heard_or_reset(connection: socket.socket) -> bytes:
    try:
        return _until_closed(connection)
    except ConnectionResetError:
        return b""


def test_process_takes_all_descriptors_that_it_may_have_and_keeps_some_for_itself() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
    try:
        most = most_connections()

        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
        assert 0 < most < hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

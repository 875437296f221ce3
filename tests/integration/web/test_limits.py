"""What is too much, too slow or too often is put off, and nothing of it is stored."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from select import select

import httpx
import pytest
from fastapi import FastAPI, Request
from httpx import Client

from grader.domain.people import Role
from grader.storage import runs
from grader.web.app import create_app
from grader.web.limits import MAX_OTHER_BYTES, BodyLimit
from grader.web.seats import NoRoom, NoRoomForOne, Room
from grader.workflow.people import authenticate, create_token
from grader.workflow.service import Service
from tests.factories import a_result
from tests.processes import wait_for
from tests.releases import a_service
from tests.serving import client_at, served

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
PAGE = "/courses/demo/assignments/hw4"
FORM = "multipart/form-data; boundary=x"
Clients = Callable[..., Client]


def _upload(client: Client, **fields: str) -> httpx.Response:
    files = {"files": ("loss.py", b"x = 1")}
    response: httpx.Response = client.post(ROUTE, files=files, data=fields)
    return response


def _begin_upload(client: Client, length: int) -> socket.socket:
    """Send the headers of an upload, and nothing of its body yet."""
    token = client.headers["Authorization"]
    lines = [f"POST {ROUTE} HTTP/1.1", "Host: x", f"Authorization: {token}"]
    lines += [f"Content-Length: {length}", f"Content-Type: {FORM}", "", ""]
    place = (client.base_url.host, client.base_url.port or 0)
    connection = socket.create_connection(place, timeout=20)
    connection.sendall("\r\n".join(lines).encode())
    return connection


def test_body_that_comes_too_slowly_is_not_waited_for() -> None:
    app = FastAPI()

    @app.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimit, patience=0.05)
    with served(app) as url:
        place = httpx.URL(url)
        with socket.create_connection((place.host, place.port or 0), timeout=20) as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")
            answer = slow.recv(65536).decode()

    assert answer.startswith("HTTP/1.1 408")
    assert "connection: close" in answer.lower()


def test_large_body_must_come_faster_than_a_small_one() -> None:
    app = FastAPI()

    @app.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimit, most=1 << 31, patience=0.05)
    with served(app) as url:
        place = httpx.URL(url)
        # At a small one's pace so much would earn more seconds than the test waits.
        with socket.create_connection((place.host, place.port or 0), timeout=20) as slow:
            head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
            slow.sendall(f"{head}Content-Length: {1 << 30}\r\n\r\n".encode() + b"x" * (1 << 20))
            answer = slow.recv(65536)

    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "as it comes"])
def test_form_without_files_is_small_and_is_told_so_before_it_is_read(
    client_of: Clients, browser_of: Clients, declared: bool
) -> None:
    head, tail = b"csrf_token=x&keep_from=", b"1" * MAX_OTHER_BYTES
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answers = [
        client.post(path, content=head + tail if declared else iter([head, tail]), headers=headers)
        for client, path in ((client_of("ann"), ROUTE), (browser_of("ann"), PAGE))
    ]

    assert [answer.status_code for answer in answers] == [413, 413]
    assert "-F files=@loss.py" in answers[0].json()["detail"]


def test_stream_is_not_hurried_once_its_request_is_whole() -> None:
    app = FastAPI()

    @app.post("/")
    async def take(request: Request) -> str:
        await request.body()
        message = await request.receive()
        return str(message["type"])

    app.add_middleware(BodyLimit, patience=0.0001)
    with served(app) as url:
        place = httpx.URL(url)
        with socket.create_connection((place.host, place.port or 0), timeout=20) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
            client.settimeout(0.3)
            with pytest.raises(TimeoutError):
                client.recv(100)


def test_one_person_sends_so_much_at_once_and_others_still_can(client_of: Clients) -> None:
    ann, ben = client_of("ann"), client_of("ben")
    with ExitStack() as sending:
        sending.enter_context(_begin_upload(ann, 60 << 20))
        for _ in range(8):
            sending.enter_context(_begin_upload(ann, 1000))

        refused = _until_refused(ann)
        taken = _upload(ben)

    assert refused.json()["reason"] == "too_many_uploads"
    assert int(refused.headers["Retry-After"]) > 0
    assert taken.status_code == 201


def _until_refused(client: Client) -> httpx.Response:
    # What was begun takes its seat when the server has read so far. Nothing is stored of these
    # meanwhile, so no other limit is met.
    not_taken = {"files": ("notes.txt", b"x")}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        response: httpx.Response = client.post(ROUTE, files=not_taken)
        if response.status_code == 429:
            return response
    raise AssertionError("never refused")


def test_large_uploads_of_many_leave_room_for_small_ones(client_of: Clients) -> None:
    with ExitStack() as ends:
        sending = [
            ends.enter_context(_begin_upload(client_of(f"ally {number}"), 64 << 20))
            for number in range(3)
        ]
        (refused,) = wait_for(lambda: select(sending, [], [], 0)[0], "a refusal")
        heard = refused.recv(65536)
        taken = _upload(client_of("ben"))

    assert heard.startswith(b"HTTP/1.1 503")
    assert taken.status_code == 201


def test_room_is_for_all_and_for_each() -> None:
    room = Room(most=10, most_of_one=6)
    seat = room.take(1, 6)

    with pytest.raises(NoRoomForOne):
        room.take(1, 1)
    with pytest.raises(NoRoom):
        room.take(2, 5)
    seat.leave()
    seat.leave()

    assert room.take(2, 5).size == 5
    assert room.take(1, 5).size == 5


def test_waiting_for_the_result_takes_no_room(service: Service) -> None:
    app = create_app(service)
    secret = create_token(service.database, "ann", Role.STUDENT)
    room: Room = app.state.upload_rooms.large

    with served(app) as url, client_at(url) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        run_is_waited_for = client.post(
            ROUTE, params={"wait": 0.05}, files={"files": ("loss.py", b"x")}
        )

    assert run_is_waited_for.status_code == 201
    assert room.take(1, room.most_of_one).size == room.most_of_one


def test_who_waits_for_many_results_leaves_places_to_others(service: Service) -> None:
    app = create_app(service)
    secret = create_token(service.database, "ann", Role.STUDENT)
    ann = authenticate(service, secret).person_id
    room: Room = app.state.waiting
    for _ in range(room.most_of_one):
        room.take(ann)

    with served(app) as url, client_at(url) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        # The client waits 5 s at most.
        one_more = client.post(ROUTE, params={"wait": 30}, files={"files": ("loss.py", b"x")})

    assert one_more.json()["status"] == "queued"
    assert room.take(ann + 1, room.most_of_one).size < room.most / 2


def test_student_who_uploads_too_often_is_told_when_to_come_again(
    service: Service, client_of: Clients
) -> None:
    service = a_service(service.database, uploads_per_minute=2)
    with served(create_app(service)) as url, client_at(url) as ann:
        ann.headers["Authorization"] = client_of("ann").headers["Authorization"]
        answers = [_upload(ann) for _ in range(3)]
        stored = ann.get(ROUTE).json()["items"]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].json()["reason"] == "rate_limit"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert len(stored) == 2


def test_staff_upload_as_often_as_they_need(service: Service, client_of: Clients) -> None:
    service = a_service(service.database, uploads_per_minute=2)
    with served(create_app(service)) as url, client_at(url) as tutor:
        tutor.headers["Authorization"] = client_of("tutor", Role.ASSISTANT).headers["Authorization"]
        answers = [_upload(tutor, student="ann") for _ in range(4)]

    assert {answer.status_code for answer in answers} == {201}


@pytest.mark.parametrize("service", [{"most_waiting": 2}], indirect=True)
def test_student_with_enough_that_waits_is_put_off_and_nobody_else(client_of: Clients) -> None:
    ann = client_of("ann")

    answers = [_upload(ann) for _ in range(3)]
    by_staff = _upload(client_of("tutor", Role.ASSISTANT), student="ann")
    of_ben = _upload(client_of("ben"))

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].json()["reason"] == "too_many_waiting"
    assert "At most 2" in answers[2].json()["detail"]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert len(ann.get(ROUTE).json()["items"]) == 2
    assert (by_staff.status_code, of_ben.status_code) == (429, 201)


@pytest.mark.parametrize("service", [{"most_waiting": 1}], indirect=True)
def test_student_hands_in_again_when_what_waited_is_graded(
    service: Service, client_of: Clients
) -> None:
    ann = client_of("ann")
    _upload(ann)
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
    while_graded = _upload(ann)
    with service.database.writing() as session:
        runs.finish(session, held, a_result(), now)

    after = _upload(ann)

    assert (while_graded.status_code, after.status_code) == (429, 201)


@pytest.mark.parametrize("service", [{"most_waiting": 1}], indirect=True)
def test_repeat_under_a_key_is_answered_however_many_wait(client_of: Clients) -> None:
    ann = client_of("ann")
    ann.headers["Idempotency-Key"] = "once"

    answers = [_upload(ann) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_full_queue_puts_uploads_off_and_stores_nothing(
    service: Service, client_of: Clients
) -> None:
    with served(create_app(replace(service, most_queued=2))) as url, client_at(url) as ann:
        ann.headers["Authorization"] = client_of("ann").headers["Authorization"]
        answers = [_upload(ann) for _ in range(3)]
        stored = ann.get(ROUTE).json()["items"]

    assert [answer.status_code for answer in answers] == [201, 201, 503]
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    assert "wait to be graded" in answers[2].json()["detail"]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert len(stored) == 2

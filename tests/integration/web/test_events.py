"""A submission's events: what is said, to whom, and when the stream ends."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Client, Response

from grader.domain.people import Role
from grader.domain.verdicts import CaseResult, Verdict, Visibility
from grader.storage import leases, runs
from grader.storage.runs import Claim
from grader.workflow.service import Service
from tests.factories import a_case, a_result
from tests.processes import wait_for

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
Clients = Callable[..., Client]
Event = tuple[str, dict[str, Any]]


def _submit(client: Client) -> int:
    files = {"files": ("loss.py", b"x = 1")}
    submission: int = client.post(ROUTE, files=files).json()["id"]
    return submission


@contextmanager
def _events(
    client: Client, submission: int, headers: dict[str, str] | None = None
) -> Iterator[Iterator[Event]]:
    route = f"/api/v1/submissions/{submission}/events"
    with client.stream("GET", route, headers=headers, timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield _parsed(response)


def _parsed(response: Response) -> Iterator[Event]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def _claim(service: Service) -> Claim:
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
    assert held is not None
    return held


def _finish(service: Service, held: Claim, *cases: CaseResult) -> None:
    with service.database.writing() as session:
        assert runs.finish(session, held, a_result(*cases), datetime.now(UTC))


def test_run_is_followed_from_the_queue_to_its_result(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _submit(client)
    case = a_case(name="A")

    with _events(client, submission) as events:
        said = [next(events)]
        held = _claim(service)
        service.board.begun(held.run_id, held.try_number)
        said.append(next(events))
        service.board.judged(held.run_id, held.try_number, case)
        said.append(next(events))
        _finish(service, held, case)
        service.board.ended(held.run_id, held.try_number)
        said += events

    assert [name for name, _ in said] == ["queued", "running", "case", "graded"]
    assert said[0][1] == {"place": 1, "of": 1, "expected_seconds": None}
    assert said[1][1] == {"tries": 1}
    assert said[3][1] == client.get(f"/api/v1/submissions/{submission}").json()
    assert said[2][1] == said[3][1]["cases"][0]


def test_place_is_counted_behind_those_who_came_before(client_of: Clients) -> None:
    for name in ("ben", "eve"):
        _submit(client_of(name))
    client = client_of("ann")
    submission = _submit(client)

    with _events(client, submission) as events:
        name, place = next(events)

    assert (name, place["place"], place["of"]) == ("queued", 3, 3)


def test_move_in_the_queue_is_told(client_of: Clients, service: Service) -> None:
    _submit(client_of("ben"))
    client = client_of("ann")
    submission = _submit(client)

    with _events(client, submission) as events:
        first = next(events)[1]
        _claim(service)
        second = next(events)[1]

    assert (first["place"], second["place"]) == (2, 1)


def test_wait_is_expected_by_what_runs_took_lately(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    for _ in range(4):
        submission = _submit(client)
    held = _claim(service)
    with service.database.writing() as session:
        runs.finish(session, held, a_result(seconds=30.0), datetime.now(UTC))
    _claim(service)

    with _events(client, submission) as events:
        place = next(events)[1]

    assert place == {"place": 2, "of": 2, "expected_seconds": 60}


def test_run_that_another_process_grades_is_followed_to_its_end(
    client_of: Clients, service: Service
) -> None:
    client = client_of("ann")
    submission = _submit(client)

    with _events(client, submission) as events:
        next(events)
        _finish(service, _claim(service), a_case(name="A"), a_case(name="B"))
        said = list(events)

    assert [name for name, _ in said] == ["case", "case", "graded"]


@pytest.mark.parametrize(
    ("who", "role", "heard"),
    [
        pytest.param("ann", Role.STUDENT, ["A"], id="student"),
        pytest.param("tutor", Role.ASSISTANT, ["Secret", "A"], id="staff"),
    ],
)
def test_hidden_case_is_heard_by_staff_only(
    client_of: Clients, service: Service, who: str, role: Role, heard: list[str]
) -> None:
    submission = _submit(client_of("ann"))
    hidden, shown = a_case(name="Secret", visibility=Visibility.HIDDEN), a_case(name="A")
    held = _claim(service)
    service.board.begun(held.run_id, held.try_number)
    service.board.judged(held.run_id, held.try_number, hidden)
    service.board.judged(held.run_id, held.try_number, shown)

    with _events(client_of(who, role), submission) as events:
        said = [next(events) for _ in range(1 + len(heard))]
        _finish(service, held, hidden, shown)
        service.board.ended(held.run_id, held.try_number)
        said += events

    assert [data["name"] for name, data in said if name == "case"] == heard
    assert ("Secret" in repr(said)) == ("Secret" in heard)


def test_next_try_begins_anew(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _submit(client)
    lost = _claim(service)
    service.board.begun(lost.run_id, lost.try_number)
    service.board.judged(lost.run_id, lost.try_number, a_case(name="A", points=3.0))

    with _events(client, submission) as events:
        said = [next(events), next(events)]
        with service.database.writing() as session:
            leases.release(session, lost.owner)
        service.board.ended(lost.run_id, lost.try_number)
        said.append(next(events))
        _finish(service, _claim(service), a_case(name="A"))
        said += events

    assert [name for name, _ in said] == ["running", "case", "queued", "case", "graded"]
    assert (said[1][1]["points"], said[3][1]["points"]) == (3.0, 10.0)


def test_client_that_comes_again_gets_the_present_state(
    client_of: Clients, service: Service
) -> None:
    client = client_of("ann")
    submission = _submit(client)
    wrong = a_case(name="B", points=0.0, verdict=Verdict.WRONG_ANSWER)
    _finish(service, _claim(service), a_case(name="A"), wrong)

    for headers in ({}, {"Last-Event-ID": "7"}):
        with _events(client, submission, headers) as events:
            assert [name for name, _ in events] == ["case", "case", "graded"]


def test_failed_run_ends_the_stream_without_a_score(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _submit(client)
    for _ in range(3):
        with service.database.writing() as session:
            later = datetime.now(UTC) + timedelta(minutes=1)
            held = runs.claim(session, "worker", later, later)
            assert held is not None
            runs.fail_try(session, held, "disk /dev/sdx is lost", datetime.now(UTC))

    with _events(client, submission) as events:
        said = list(events)

    assert [name for name, _ in said] == ["failed"]
    assert said[0][1]["score"] is None
    assert "sdx" not in repr(said)


def test_stream_ends_when_the_service_stops(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _submit(client)

    with _events(client, submission) as events:
        next(events)
        service.board.close()
        assert list(events) == []


def test_events_of_another_are_unknown_and_of_a_stranger_refused(client_of: Clients) -> None:
    submission = _submit(client_of("ann"))
    route = f"/api/v1/submissions/{submission}/events"

    assert client_of("ben").get(route).status_code == 404
    assert client_of("ann").get("/api/v1/submissions/999/events").status_code == 404
    assert client_of(None).get(route).status_code == 401


def test_one_person_follows_so_many_runs_at_once_and_others_still_can(client_of: Clients) -> None:
    ann, ben = client_of("ann"), client_of("ben")
    submission, bens = _submit(ann), _submit(ben)

    with ExitStack() as stack:
        streams = [stack.enter_context(_events(ann, submission)) for _ in range(16)]
        assert [next(events)[0] for events in streams] == ["queued"] * 16
        refused = ann.get(f"/api/v1/submissions/{submission}/events")
        assert next(stack.enter_context(_events(ben, bens)))[0] == "queued"

    assert (refused.status_code, refused.json()["reason"]) == (429, "too_many_streams")
    assert int(refused.headers["Retry-After"]) > 0
    wait_for(lambda: _is_let_in(ann, submission), "a free place")


def _is_let_in(client: Client, submission: int) -> bool:
    with client.stream("GET", f"/api/v1/submissions/{submission}/events") as response:
        return response.status_code == 200

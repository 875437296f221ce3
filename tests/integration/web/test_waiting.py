"""Who waits for a result has it when the run ends, and takes no thread from others."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from httpx import Client

from grader.storage import runs
from grader.web import waiting
from grader.web.app import THREADS
from grader.workflow.service import Service
from tests.factories import a_result
from tests.processes import wait_for

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
LONGEST = 30  # seconds that a client may ask to wait
PATIENCE = 20  # of our clients: who is not woken is answered later than this
Clients = Callable[..., Client]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Give threads for clients."""
    with ThreadPoolExecutor(2 * THREADS) as threads:
        yield threads


@pytest.fixture
def hears_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application look for nothing that it was not told of."""
    monkeypatch.setattr(waiting, "_LOOK_SECONDS", 10 * PATIENCE)


def _hand_in(client: Client, wait: float) -> httpx.Response:
    files = {"files": ("loss.py", b"x = 1")}
    answer: httpx.Response = client.post(
        ROUTE, params={"wait": wait}, files=files, timeout=PATIENCE
    )
    return answer


def _until_followed(service: Service, count: int) -> None:
    wait_for(lambda: len(service.board.followed()) == count, f"{count} who wait")


def _grade(service: Service) -> int:
    """Grade the next run as another process does, of which this one hears nothing."""
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "elsewhere:1:a", now, now + timedelta(minutes=1))
        assert held is not None
        runs.finish(session, held, a_result(), now)
    return held.run_id


def _score(answer: "Future[httpx.Response]") -> Any:  # noqa: ANN401  # as JSON has it
    return answer.result().json()["score"]


def test_end_of_a_run_in_this_process_answers_without_a_look(
    hears_only: None, service: Service, client_of: Clients, threads: ThreadPoolExecutor
) -> None:
    answer = threads.submit(_hand_in, client_of("ann"), LONGEST)
    _until_followed(service, 1)

    run = _grade(service)
    service.board.ended(run, 1)

    assert _score(answer) == 10.0


def test_end_of_a_run_elsewhere_is_noticed(
    service: Service, client_of: Clients, threads: ThreadPoolExecutor
) -> None:
    answers = [threads.submit(_hand_in, client_of(name), LONGEST) for name in ("ann", "ben")]
    _until_followed(service, 2)

    _grade(service)
    _grade(service)

    assert [_score(answer) for answer in answers] == [10.0, 10.0]


def test_surprise_at_one_look_does_not_end_the_looking(
    service: Service, client_of: Clients, threads: ThreadPoolExecutor
) -> None:
    surprises: list[str] = []

    def wake() -> None:
        if not surprises:
            surprises.append("a wake that fails")
            raise RuntimeError(surprises[0])

    _hand_in(client_of("ben"), 0)
    with service.board.following(_grade(service), wake):
        wait_for(lambda: surprises, "a look that met a surprise")

    answer = threads.submit(_hand_in, client_of("ann"), LONGEST)
    _until_followed(service, 1)
    _grade(service)

    assert _score(answer) == 10.0


def test_begin_of_a_try_answers_nobody(
    service: Service, client_of: Clients, threads: ThreadPoolExecutor
) -> None:
    answer = threads.submit(_hand_in, client_of("ann"), LONGEST)
    _until_followed(service, 1)
    (run,) = service.board.followed()

    service.board.begun(run, 1)
    service.board.changed(run)
    _grade(service)
    service.board.ended(run, 1)

    assert _score(answer) == 10.0


def test_more_wait_than_there_are_threads_and_others_are_served(
    service: Service, client_of: Clients, threads: ThreadPoolExecutor
) -> None:
    many = THREADS + 8
    clients = [client_of(f"student-{number}") for number in range(many)]
    answers = [threads.submit(_hand_in, client, LONGEST) for client in clients]
    _until_followed(service, many)

    of_another = _hand_in(client_of("ben"), 0)
    for _ in range(many):
        _grade(service)

    assert of_another.status_code == 201
    assert [_score(answer) for answer in answers] == [10.0] * many


def test_all_who_wait_are_let_go_when_the_service_stops(
    service: Service, client_of: Clients, threads: ThreadPoolExecutor
) -> None:
    answer = threads.submit(_hand_in, client_of("ann"), LONGEST)
    _until_followed(service, 1)

    service.board.close()

    assert answer.result().json()["status"] == "queued"
    _until_followed(service, 0)

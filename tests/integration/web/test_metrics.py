"""What Prometheus reads."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from httpx import Client
from prometheus_client.parser import text_string_to_metric_families

from grader.storage import runs
from grader.workflow.service import Service
from tests.factories import a_result

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
Clients = Callable[..., Client]


def _metrics(client: Client) -> dict[str, float]:
    text = client.get("/metrics").text
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_nothing_but_counts_is_told(client_of: Clients) -> None:
    assert [name for name in _metrics(client_of(None)) if "_created" in name] == []


def test_runs_are_counted_by_status_and_seconds(client_of: Clients, service: Service) -> None:
    ann = client_of("ann")
    for _ in range(3):
        ann.post(ROUTE, files={"files": ("loss.py", b"x")})
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
        runs.finish(session, held, a_result(seconds=0.2), now)
    service.board.begun(99, 1)

    found = _metrics(client_of(None))

    assert (found["grader_runs queued"], found["grader_runs graded"]) == (2, 1)
    assert found["grader_queue_runs"] == 2
    assert 0 < found["grader_queue_age_seconds"] < 60
    assert (found["grader_run_seconds_bucket 0.1"], found["grader_run_seconds_bucket 0.25"]) == (
        0,
        1,
    )
    assert (found["grader_run_seconds_count"], found["grader_run_seconds_sum"]) == (1, 0.2)
    assert (found["grader_tries_total"], found["grader_tries_failed_total"]) == (1, 0)
    assert found["grader_slots_busy"] == 1


def test_failed_tries_are_counted(client_of: Clients, service: Service) -> None:
    client_of("ann").post(ROUTE, files={"files": ("loss.py", b"x")})
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
        runs.fail_try(session, held, "lost", now)

    assert _metrics(client_of(None))["grader_tries_failed_total"] == 1


def test_uploads_are_counted_by_their_answer(client_of: Clients) -> None:
    ann = client_of("ann")
    ann.post(ROUTE, files={"files": ("loss.py", b"x")})
    ann.post(ROUTE, files={"files": ("notes.py", b"x")})
    ann.get(ROUTE)

    found = _metrics(client_of(None))

    assert found["grader_uploads_total accepted"] == 1
    assert found["grader_uploads_total refused"] == 1
    assert found["grader_uploads_total failed"] == 0


def test_nothing_of_a_student_is_told(client_of: Clients) -> None:
    client_of("ann").post(ROUTE, files={"files": ("loss.py", b"x")})

    assert not re.search(r"\bann\b|loss|hw4", client_of(None).get("/metrics").text)

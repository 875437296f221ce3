"""Who grades, what they are at, and what failed, as staff see it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.domain.releases import Snapshot
from grader.domain.workers import MUST_LAYERS, Worker
from grader.queue.owners import new_owner
from grader.storage import courses, runs, workers
from grader.suite.folder import runtime
from grader.workflow.releases import release
from grader.workflow.service import Service
from tests.integration.web.desk import HOSTILE, csrf_token, fail, grade, hand_in, questions

Browsers = Callable[..., Client]
NOW = datetime.now(UTC)
WORKER = Worker("", "machine-a", 2, NOW - timedelta(hours=1), NOW, ("own user",))


def _seen(service: Service, **changes: object) -> Worker:
    # In time however long the test takes: a worker says every two seconds that it is there.
    soon = datetime.now(UTC) + timedelta(minutes=5)
    worker = replace(WORKER, **{"name": new_owner(), "seen_at": soon, **changes})  # type: ignore[arg-type]
    with service.database.writing() as session:
        workers.seen(session, worker)
    return worker


def _at_work(service: Service, owner: str) -> None:
    now = datetime.now(UTC)
    with service.database.writing() as session:
        assert runs.claim(session, owner, now, now + timedelta(minutes=1)) is not None


def _text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_staff_see_what_each_slot_is_at_and_since_when(
    browser_of: Browsers, service: Service, role: Role
) -> None:
    address = hand_in(browser_of("ann"))
    hand_in(browser_of("ben"))
    _seen(service)
    _at_work(service, new_owner())  # a slot has a name of its own, of the same process

    page = browser_of("tutor", role).get("/workers").text

    said = _text(page)
    assert "machine-a grading" in said
    assert f'<a href="{address}">ann, hw4</a>' in page
    assert "run 1, upload, begun" in said
    assert "1 waits for work" in said
    assert "1 run waits, the oldest came just now" in said
    assert "ben" not in said


def test_sandbox_layers_are_told_whether_they_are_there(
    browser_of: Browsers, service: Service
) -> None:
    _seen(service, missing=("own user", "something new"))

    said = _text(browser_of("tutor", Role.ASSISTANT).get("/workers").text)

    for name in (*MUST_LAYERS, "namespaces", "empty root"):
        assert f"there: {name}" in said
    assert "missing: own user" in said
    assert "missing: something new" in said
    assert "there: own user" not in said


def test_worker_that_is_lost_or_in_trouble_is_told(browser_of: Browsers, service: Service) -> None:
    _seen(service, host="lost-one", seen_at=datetime.now(UTC) - timedelta(minutes=5))
    _seen(service, host="sick-one", trouble=HOSTILE)

    page = browser_of("tutor", Role.ASSISTANT).get("/workers").text

    assert "lost-one lost" in _text(page)
    assert "sick-one in trouble" in _text(page)
    assert "&lt;script&gt;" in page
    for evil in ("<script>alert", "<img", "\x1b", "\u202e"):
        assert evil not in page


def test_page_without_workers_and_failures_is_useful(browser_of: Browsers) -> None:
    hand_in(browser_of("ann"))

    said = _text(browser_of("tutor", Role.ASSISTANT).get("/workers").text)

    assert "Nobody grades. 1 run waits until grader serve" in said
    assert "None. A run that fails three times" in said


def test_failed_runs_are_told_with_why_and_tried_again(
    browser_of: Browsers, service: Service
) -> None:
    address = hand_in(browser_of("ann"))
    fail(service, f"SuiteFailure: {HOSTILE}")
    tutor = browser_of("tutor", Role.ASSISTANT)

    page = tutor.get("/workers").text

    assert "1 submission has no score by our fault" in page
    assert "SuiteFailure: &lt;script&gt;" in page
    assert "<script>alert" not in page
    again = tutor.post(f"{address}/retry", data={"csrf_token": csrf_token(tutor)})
    assert again.status_code == 303
    assert "None. A run that fails" in _text(tutor.get("/workers").text)
    grade(service)


def test_staff_of_another_course_see_that_it_runs_and_no_more(
    browser_of: Browsers, service: Service
) -> None:
    hand_in(browser_of("ann"))
    fail(service, "SuiteFailure: of demo")
    hand_in(browser_of("ben"))
    _seen(service)
    _at_work(service, new_owner())
    with service.database.writing() as session:
        courses.ensure_course(session, "other", "other")
    foreign = browser_of("prof", Role.INSTRUCTOR, "other")

    said = _text(foreign.get("/workers").text)

    assert "A run of another course" in said
    for secret in ("ann", "ben", "of demo", "hw4"):
        assert secret not in said
    told = foreign.get("/api/v1/workers").json()
    assert told["failed"] == []
    assert told["items"][0]["at_work"][0]["student"] is None


def test_page_keeps_the_assignment_that_one_came_from(
    browser_of: Browsers, service: Service
) -> None:
    files = {"assignment.toml": b'title = "Extra"\nfiles = { "a.py" = "a" }\n'}
    release(service, Snapshot("ahw4", files, runtime()), "a test")

    page = browser_of("tutor", Role.ASSISTANT).get("/workers?assignment=hw4").text

    assert 'href="/courses/demo/assignments/hw4/gradebook"' in page
    assert 'hx-get="/workers?assignment=demo/hw4"' in page


def test_api_tells_the_same(browser_of: Browsers, service: Service) -> None:
    address = hand_in(browser_of("ann"))
    fail(service, "SuiteFailure: x")
    hand_in(browser_of("ben"))
    worker = _seen(service)
    _at_work(service, new_owner())

    told = browser_of("tutor", Role.ASSISTANT).get("/api/v1/workers").json()

    (item,) = told["items"]
    assert (item["name"], item["host"], item["live"]) == (worker.name, "machine-a", True)
    assert item["layers"]["Landlock"] is True
    assert item["layers"]["own user"] is False
    assert [run["student"] for run in item["at_work"]] == ["ben"]
    assert [run["submission"] for run in told["failed"]] == [int(address.rpartition("/")[2])]
    assert (told["waiting"], told["failures"]) == (0, 1)


def test_failures_without_end_ask_the_database_no_more_often(
    browser_of: Browsers, service: Service
) -> None:
    tutor = browser_of("tutor", Role.ASSISTANT)
    few = questions(tutor, "/workers")
    for number in range(55):
        hand_in(browser_of(f"student {number}"))
        fail(service, "SuiteFailure: x")
    for _ in range(5):
        _seen(service)

    many = questions(tutor, "/workers")

    assert many <= few + 2  # with the look at what was released, once in a second
    assert many <= 15
    page = tutor.get("/workers").text
    assert page.count("Try again<") == 50
    assert "55 submissions have no score by our fault; these are the last" in page

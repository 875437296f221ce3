"""The routes of reruns, over a real database."""

import csv
import json
from collections.abc import Callable, Iterator
from io import StringIO
from xml.etree import ElementTree

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.workflow.service import Service
from tests.reruns import Course, Suite

ROUTE = "/api/v1/courses/demo/assignments/hw4/reruns"
MENDED: Suite = {"A": (60.0, "a"), "B": (40.0, "x")}
Clients = Callable[..., Client]


@pytest.fixture
def course(service: Service) -> Course:
    """Give a course in which Ann loses B and Ben gains it when the suite is mended."""
    course = Course(service)
    course.submit("ann", "a b")
    course.submit("ben", "a x")
    course.submit("cem", "a b x")
    course.release(MENDED)
    return course


@pytest.fixture
def tutor(client_of: Clients) -> Client:
    return client_of("tutor", Role.ASSISTANT)


def _events(client: Client, rerun: int) -> Iterator[tuple[str, dict[str, object]]]:
    name = ""
    with client.stream("GET", f"/api/v1/reruns/{rerun}/events") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def test_rerun_is_begun_graded_looked_at_applied_and_undone(course: Course, tutor: Client) -> None:
    begun = tutor.post(ROUTE, json={"scope": "all", "cases": [], "mode": "propose"})
    rerun = begun.json()
    course.work()

    ready = tutor.get(begun.headers["Location"]).json()
    changes = tutor.get(f"/api/v1/reruns/{rerun['id']}/changes").json()
    before = course.scores()
    applied = tutor.post(f"/api/v1/reruns/{rerun['id']}/apply").json()
    after = course.scores()
    undone = tutor.post(f"/api/v1/reruns/{rerun['id']}/undo").json()

    assert (begun.status_code, rerun["state"], rerun["progress"]["total"]) == (202, "running", 3)
    assert (ready["state"], ready["totals"]["changed"]) == ("ready", 2)
    assert [(each["student"], each["status"]) for each in changes["items"]] == [
        ("ann", "changed"),
        ("ben", "changed"),
    ]
    assert changes["items"][0]["cases"] == [
        {
            "name": "B",
            "before": {
                "verdict": "accepted",
                "points": 40.0,
                "max_points": 40.0,
                "message": "",
            },
            "after": {
                "verdict": "wrong_answer",
                "points": 0.0,
                "max_points": 40.0,
                "message": "x is not among the words",
            },
        }
    ]
    assert changes["items"][0]["counted"] == {"before": 100.0, "after": 60.0, "crosses": "down"}
    assert (applied["state"], undone["state"]) == ("applied", "undone")
    assert (list(before.values()), list(after.values())) == ([100, 60, 100], [60, 100, 100])
    assert course.scores() == before


def test_no_reader_sees_a_proposed_score(course: Course, tutor: Client, client_of: Clients) -> None:
    ann = client_of("ann")
    routes = ("", "/badge.svg", "/results.json", "/junit.xml")
    listed = ROUTE.replace("reruns", "submissions")

    def seen() -> list[str]:
        return [
            client.get(route).text
            for client in (ann, tutor)
            for route in [listed, *(f"/api/v1/submissions/1{end}" for end in routes)]
        ]

    before = seen()
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    course.work()
    proposed = seen()
    tutor.post(f"/api/v1/reruns/{rerun}/apply")
    applied = seen()

    assert proposed == before
    assert all(new != old for new, old in zip(applied, before, strict=True))


def test_pages_of_changes_follow_each_other(course: Course, tutor: Client) -> None:
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    course.work()
    route = f"/api/v1/reruns/{rerun}/changes"

    first = tutor.get(route, params={"limit": 1}).json()
    second = tutor.get(route, params={"limit": 1, "cursor": first["next"]}).json()

    assert [each["student"] for each in first["items"]] == ["ann"]
    assert [each["student"] for each in second["items"]] == ["ben"]
    assert second["next"] is None


def test_one_submission_is_graded_again(course: Course, tutor: Client) -> None:
    begun = tutor.post("/api/v1/submissions/2/reruns", json={"cases": ["B"], "mode": "apply"})
    course.work()

    assert begun.status_code == 202
    assert begun.json()["submissions"] == [2]
    assert course.scores() == {1: 100.0, 2: 100.0, 3: 100.0}


def test_increases_alone_are_applied_where_that_is_asked_for(course: Course, tutor: Client) -> None:
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    course.work()

    applied = tutor.post(f"/api/v1/reruns/{rerun}/apply", json={"only": "increases"})
    otherwise = tutor.post(f"/api/v1/reruns/{rerun}/apply", json={"only": "all"})

    assert applied.json()["applied_only"] == "increases"
    assert course.scores() == {1: 100.0, 2: 100.0, 3: 100.0}
    assert otherwise.status_code == 409


def test_repeat_under_a_key_answers_with_the_same_rerun(course: Course, tutor: Client) -> None:
    key = {"Idempotency-Key": "once"}

    answers = [tutor.post(ROUTE, json={}, headers=key).json()["id"] for _ in range(2)]
    other = tutor.post(ROUTE, json={"scope": "stale"}, headers=key)

    assert answers[0] == answers[1]
    assert len(tutor.get(ROUTE).json()["items"]) == 1
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"scope": "everything"}, 422, id="unknown scope"),
        pytest.param({"scopes": "all"}, 422, id="unknown field"),
        pytest.param({"student": "nobody"}, 404, id="unknown student"),
        pytest.param({"submissions": [999]}, 404, id="unknown submission"),
        pytest.param({"submissions": [2**40]}, 422, id="id too large"),
    ],
)
def test_what_cannot_be_rerun_is_refused_and_begins_nothing(
    course: Course, tutor: Client, body: dict[str, object], status: int
) -> None:
    answer = tutor.post(ROUTE, json=body)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert tutor.get(ROUTE).json()["items"] == []


@pytest.mark.parametrize("rerun", ["0", "999", "x", str(2**40)])
def test_unknown_rerun_is_not_found(tutor: Client, rerun: str) -> None:
    assert tutor.get(f"/api/v1/reruns/{rerun}").status_code == 404


def test_csv_has_a_line_for_each_case_that_changes_and_no_formula(
    course: Course, tutor: Client
) -> None:
    course.submit("@sum(1)", "a b x")
    course.release({"A": (60.0, "a"), "=B": (40.0, "y")})
    rerun = tutor.post(ROUTE, json={"student": "@sum(1)"}).json()["id"]
    course.work()

    answer = tutor.get(f"/api/v1/reruns/{rerun}/changes.csv")

    lines = list(csv.DictReader(StringIO(answer.text)))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [(line["student"], line["case"]) for line in lines] == [
        ("'@sum(1)", "'=B"),
        ("'@sum(1)", "B"),
    ]
    assert (lines[1]["verdict_before"], lines[1]["verdict_after"]) == ("accepted", "")
    assert (lines[0]["score_before"], lines[0]["score_after"]) == ("100", "60")


def test_junit_has_failed_what_changes(course: Course, tutor: Client) -> None:
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    held = course.claim()
    assert held is not None
    course.fail(held, "the suite raised\x00")
    course.work()

    suite = ElementTree.fromstring(tutor.get(f"/api/v1/reruns/{rerun}/junit.xml").text)[0]  # noqa: S314

    assert suite.attrib["tests"] == "3"
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("1", "1")
    tests = {test.attrib["classname"]: [child.tag for child in test] for test in suite}
    assert tests == {"ann attempt 1": ["error"], "ben attempt 1": ["failure"], "cem attempt 1": []}


def test_events_tell_of_progress_changes_and_the_end(course: Course, tutor: Client) -> None:
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    events = _events(tutor, rerun)
    first = next(events)
    course.work()

    rest = list(events)

    assert (first[0], first[1]["state"]) == ("progress", "running")
    assert {each["student"] for name, each in rest if name == "change"} == {"ann", "ben"}
    assert rest[-1][0] == "ready"
    assert rest[-1][1]["totals"]


def test_events_of_a_rerun_that_is_over_begin_with_all_changes(
    course: Course, tutor: Client
) -> None:
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    course.work()

    assert [name for name, _ in _events(tutor, rerun)] == ["change", "change", "ready"]


def test_record_is_read_by_staff(course: Course, tutor: Client) -> None:
    rerun = tutor.post(ROUTE, json={}).json()["id"]
    course.work()
    tutor.post(f"/api/v1/reruns/{rerun}/apply")

    newest = tutor.get("/api/v1/audit", params={"course": "demo", "limit": 1}).json()
    older = tutor.get("/api/v1/audit", params={"course": "demo", "cursor": newest["next"]}).json()

    assert [entry["action"] for entry in newest["items"]] == ["rerun.apply"]
    assert newest["items"][0]["who"] == "tutor"
    assert [entry["action"] for entry in older["items"]] == ["rerun.start"]

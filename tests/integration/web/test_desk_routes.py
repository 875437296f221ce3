"""The gradebook and the statistics over the API: all that the pages of staff show."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.storage import courses, people
from grader.workflow.service import Service
from tests.factories import a_case
from tests.integration.web.desk import FILE, fail, grade, lost

BASE = "/api/v1/courses/demo/assignments/hw4"
Clients = Callable[..., Client]


@pytest.fixture
def class_(client_of: Clients, service: Service) -> None:
    """Let a class hand in: Ann right, Ben wrong, of Cleo's one run fails, and Dora waits."""
    for name, points in (("ann", 10.0), ("ben", 0.0)):
        _send(client_of(name))
        result = a_case() if points else lost(message="is 0.25, not 0.5")
        grade(service, result, a_case(name="Big", points=80.0, max_points=90.0))
    _send(client_of("cleo"))
    fail(service, "the disk is full")
    _send(client_of("dora"))


@pytest.fixture
def tutor(client_of: Clients) -> Client:
    """Give an assistant's client."""
    return client_of("tutor", Role.ASSISTANT)


def _send(client: Client) -> None:
    assert client.post(f"{BASE}/submissions", files=[("files", FILE)]).status_code == 201


def _read(client: Client, route: str) -> Any:  # noqa: ANN401  # JSON
    answer = client.get(f"{BASE}/{route}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("class_")
def test_gradebook_tells_all_of_a_student(tutor: Client) -> None:
    book = _read(tutor, "gradebook")

    assert [item["student"] for item in book["items"]] == ["ann", "ben", "cleo", "dora"]
    assert (book["total"], book["next"]) == (4, None)
    ann, ben, cleo, dora = book["items"]
    assert (ann["score"], ann["max_score"], ann["passed"], ann["progress"]) == (
        90.0,
        100.0,
        True,
        "passed",
    )
    assert ann["cases"] == [
        {"name": "BCEForwardTest", "points": 10.0, "max_points": 10.0},
        {"name": "Big", "points": 80.0, "max_points": 90.0},
    ]
    assert ann["last_activity"].endswith("Z")
    assert (ben["score"], ben["progress"]) == (80.0, "passed")
    assert (cleo["score"], cleo["failed"], cleo["progress"]) == (None, 1, "no_score")
    assert (dora["score"], dora["waiting"], dora["progress"]) == (None, 1, "waiting")


@pytest.mark.usefixtures("class_")
def test_gradebook_comes_in_pages_with_a_cursor(tutor: Client) -> None:
    names: list[str] = []
    cursor: str | None = "0"
    while cursor is not None:
        page = _read(tutor, f"gradebook?limit=3&sort=-student&cursor={cursor}")
        names += [item["student"] for item in page["items"]]
        cursor = page["next"]

    assert names == ["dora", "cleo", "ben", "ann"]


@pytest.mark.usefixtures("class_")
def test_statistics_tell_what_the_overview_shows(tutor: Client) -> None:
    found = _read(tutor, "statistics")

    counted = {name: found[name] for name in ("students", "submitted", "passed", "not_passed")}
    assert counted == {"students": 4, "submitted": 4, "passed": 2, "not_passed": 0}
    assert (found["submissions"], found["waiting"], found["failed"]) == (4, 1, 1)
    assert (found["mean"], found["median"]) == (85.0, 85.0)
    assert sum(bar["students"] for bar in found["histogram"]) == 2
    assert (found["queue"]["waiting"], found["queue"]["running"]) == (1, 0)
    case = found["cases"][0]
    assert (case["name"], case["students"], case["accepted"], case["rate"]) == (
        "BCEForwardTest",
        2,
        1,
        0.5,
    )
    (mistake,) = case["mistakes"]
    assert (mistake["message"], mistake["students"]) == ("is 0.25, not 0.5", 1)
    listed = _read(tutor, f"gradebook?case=BCEForwardTest&mistake={mistake['key']}")
    assert [item["student"] for item in listed["items"]] == ["ben"]


@pytest.mark.usefixtures("class_")
@pytest.mark.parametrize("route", ["gradebook", "gradebook.csv", "gradebook.canvas.csv"])
def test_what_is_asked_is_asked_of_each_form(tutor: Client, route: str) -> None:
    said = tutor.get(f"{BASE}/{route}?show=waiting").text

    assert "dora" in said
    assert "ann" not in said


@pytest.mark.usefixtures("class_")
def test_canvas_takes_the_scores_and_nothing_for_who_has_none(tutor: Client) -> None:
    answer = tutor.get(f"{BASE}/gradebook.canvas.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'attachment; filename="demo-hw4.canvas.csv"' in answer.headers["Content-Disposition"]
    assert answer.text.splitlines() == [
        "Student,ID,SIS User ID,SIS Login ID,Section,HW4 (1)",
        "    Points Possible,,,,,100",
        "ann,,,ann,,90",
        "ben,,,ben,,80",
        "cleo,,,cleo,,",
        "dora,,,dora,,",
    ]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx", "\rx"])
@pytest.mark.parametrize("route", ["gradebook.csv", "gradebook.canvas.csv"])
def test_name_that_a_spreadsheet_would_run_is_defused(
    tutor: Client, service: Service, name: str, route: str
) -> None:
    with service.database.writing() as session:
        course = courses.ensure_course(session, "demo", "demo")
        people.enrol(session, course, people.ensure_person(session, name), Role.STUDENT)

    rows = list(csv.reader(StringIO(tutor.get(f"{BASE}/{route}").text, newline="")))

    assert rows[-1][0] == f"'{name}"
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row)


def test_case_whose_name_is_a_formula_is_defused(
    client_of: Clients, tutor: Client, service: Service
) -> None:
    _send(client_of("ann"))
    grade(service, a_case(name='=HYPERLINK("x"),"y"'))

    header = next(csv.reader(StringIO(tutor.get(f"{BASE}/gradebook.csv").text)))

    assert header[-1] == '\'=HYPERLINK("x"),"y"'


@pytest.mark.parametrize(
    "asked",
    [
        "sort=passwords",
        "show=all",
        "limit=0",
        "limit=501",
        "cursor=-1",
        f"case={'x' * 201}",
    ],
)
def test_what_cannot_be_asked_is_refused(tutor: Client, asked: str) -> None:
    assert tutor.get(f"{BASE}/gradebook?{asked}").status_code == 422


@pytest.mark.parametrize("route", ["gradebook", "statistics"])
def test_empty_class_is_answered(tutor: Client, route: str) -> None:
    found = _read(tutor, route)

    assert found.get("total", 0) == found.get("students", 0) == 0


@pytest.mark.parametrize(
    "route", ["gradebook", "gradebook.csv", "gradebook.canvas.csv", "statistics"]
)
def test_student_is_told_that_it_is_for_staff(client_of: Clients, route: str) -> None:
    answer = client_of("ann").get(f"{BASE}/{route}")

    assert answer.status_code == 403
    assert "for staff" in answer.json()["detail"]

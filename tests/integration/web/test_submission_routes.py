"""The routes of submissions, over a real database."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from httpx import Client, Response
from sqlalchemy import event

from grader.domain.people import Role
from grader.domain.verdicts import CaseResult, Series, Verdict, Visibility
from grader.storage import runs
from grader.workflow.service import Service
from tests.factories import a_case, a_result, a_zip

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
FILE = ("loss.py", b"x = 1\r\n")
Clients = Callable[..., Client]


def _upload(client: Client, *files: tuple[str, bytes], **fields: str) -> Response:
    parts = [("files", file) for file in files or (FILE,)]
    response: Response = client.post(ROUTE, files=parts, data=fields)
    return response


def _grade(service: Service, *cases: CaseResult, notes: tuple[str, ...] = ()) -> None:
    """Grade what is next as a worker would, to given results."""
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
        runs.finish(session, held, a_result(*cases, notes=notes), now)


def test_upload_answers_with_the_submission(client_of: Clients) -> None:
    response = _upload(client_of("ann"))

    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/submissions/{body['id']}"
    assert body["status"] == "queued"
    assert (body["course"], body["assignment"], body["student"]) == ("demo", "hw4", "ann")
    assert (body["attempt"], body["late"], body["counts"]) == (1, False, False)
    assert (body["score"], body["max_score"], body["passed"]) == (None, None, None)
    digest = hashlib.sha256(FILE[1]).hexdigest()
    assert body["files"] == [{"name": "loss.py", "bytes": 7, "sha256": digest}]
    assert datetime.fromisoformat(body["created_at"]).utcoffset() == timedelta(0)


def test_graded_submission_is_grades_object(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _upload(client).json()["id"]
    wrong = a_case(name="B", points=0.0, verdict=Verdict.WRONG_ANSWER, message="no", output="\x1b")
    wrong = replace(wrong, hint="-y/ŷ")
    _grade(service, a_case(points=85.0, max_points=85.0), wrong, notes=("a note",))

    body = client.get(f"/api/v1/submissions/{submission}").json()

    assert body["status"] == "graded"
    assert (body["score"], body["max_score"], body["passed"]) == (85.0, 95.0, True)
    assert (body["counts"], body["notes"]) == (True, ["a note"])
    assert body["cases"][1] == {
        "name": "B",
        "file": "loss.py",
        "points": 0.0,
        "max_points": 10.0,
        "verdict": "wrong_answer",
        "message": "no",
        "hint": "-y/ŷ",
        "seconds": 0.0,
        "output": "␛",
    }
    assert body["run"]["tries"] == 1


def test_seed_is_shown_to_staff_and_never_to_students(client_of: Clients) -> None:
    submission = _upload(client_of("ann")).json()["id"]
    route = f"/api/v1/submissions/{submission}"

    to_student = client_of("ann").get(route).json()
    to_staff = client_of("tutor", Role.ASSISTANT).get(route).json()

    assert (to_student["seed"], to_student["run"]["seed"]) == (None, None)
    assert isinstance(to_staff["run"]["seed"], int)


def test_hidden_case_shows_nothing_to_students(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _upload(client).json()["id"]
    hidden = a_case(name="Secret", points=0.0, visibility=Visibility.HIDDEN, notes=("Secret!",))
    _grade(service, a_case(), hidden, notes=("Secret!",))

    for tail in ("", "/results.json", "/junit.xml"):
        answer = client.get(f"/api/v1/submissions/{submission}{tail}")
        assert answer.status_code == 200
        assert "Secret" not in answer.text
    body = client.get(f"/api/v1/submissions/{submission}").json()
    assert (body["score"], body["max_score"], body["passed"]) == (10.0, 10.0, None)
    assert "shown later" in body["notes"][0]
    staff = client_of("tutor", Role.INSTRUCTOR).get(f"/api/v1/submissions/{submission}").json()
    assert (staff["max_score"], len(staff["cases"])) == (20.0, 2)


def test_best_attempt_counts(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    for points in (50.0, 90.0, 70.0):
        _upload(client)
        _grade(service, a_case(points=points, max_points=100.0))

    items = client.get(ROUTE).json()["items"]

    assert [(item["attempt"], item["counts"]) for item in items] == [
        (3, False),
        (2, True),
        (1, False),
    ]


def test_list_neither_carries_nor_loads_what_cases_printed(
    client_of: Clients, service: Service
) -> None:
    client = client_of("ann")
    submission = _upload(client).json()["id"]
    _grade(service, a_case(output="printed", series=(Series("loss", (1.0,)),)))
    whole = client.get(f"/api/v1/submissions/{submission}").json()
    queries: list[str] = []

    def note(*args: object) -> None:
        queries.append(str(args[2]))

    event.listen(service.database.engine, "before_cursor_execute", note)
    (listed,) = client.get(ROUTE).json()["items"]
    event.remove(service.database.engine, "before_cursor_execute", note)

    assert whole["cases"][0].pop("output") == "printed"
    assert listed == whole
    assert any("case_result.message" in query for query in queries)
    assert not any("case_result.output" in query or ".series" in query for query in queries)


def test_unknown_submission_and_anothers_answer_alike(client_of: Clients) -> None:
    submission = _upload(client_of("ann")).json()["id"]
    ben = client_of("ben")

    answers = [
        ben.get(f"/api/v1/submissions/{which}{tail}")
        for which in (submission, 999, "abc", "-1", "9" * 90, "٣")
        for tail in ("", "/files/loss.py", "/results.json", "/junit.xml")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_file_comes_back_byte_by_byte_and_as_no_page(client_of: Clients) -> None:
    content = b"\xef\xbb\xbf<script>\r\n\xff\x00"
    client = client_of("ann")
    submission = _upload(client, ("loss.py", content)).json()["id"]

    answer = client.get(f"/api/v1/submissions/{submission}/files/loss.py")

    assert answer.content == content
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/api/v1/submissions/{submission}/files/other.py").status_code == 404


def test_results_in_the_formats_of_others(client_of: Clients, service: Service) -> None:
    client = client_of("ann")
    submission = _upload(client).json()["id"]
    early = client.get(f"/api/v1/submissions/{submission}/results.json")
    _grade(service)

    gradescope = client.get(f"/api/v1/submissions/{submission}/results.json").json()
    junit = client.get(f"/api/v1/submissions/{submission}/junit.xml")

    assert early.status_code == 404
    assert gradescope["score"] == 10
    root = ElementTree.fromstring(junit.content)  # noqa: S314  # our own document
    assert root.find("testsuite[@tests='1']") is not None


def test_staff_upload_for_a_student_who_then_sees_it(client_of: Clients) -> None:
    body = _upload(client_of("tutor", Role.INSTRUCTOR), FILE, student="ann").json()

    assert body["student"] == "ann"
    assert client_of("ann").get(f"/api/v1/submissions/{body['id']}").status_code == 200


def test_student_may_not_upload_for_another(client_of: Clients) -> None:
    response = _upload(client_of("ben"), FILE, student="ann")

    assert response.status_code == 403
    assert client_of("ann").get(ROUTE).json()["items"] == []


def test_list_is_cut_into_pages_without_gaps(client_of: Clients) -> None:
    client = client_of("ann")
    ids = [_upload(client).json()["id"] for _ in range(5)]
    _upload(client_of("ben"))
    seen: list[int] = []
    cursor: str | None = ""

    while cursor is not None:
        query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
        page = client.get(ROUTE + query).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]

    assert seen == sorted(ids, reverse=True)


def test_staff_list_all_or_one_student(client_of: Clients) -> None:
    for name in ("ann", "ben"):
        _upload(client_of(name))
    staff = client_of("tutor", Role.ASSISTANT)

    everyone = staff.get(ROUTE).json()["items"]
    ben = staff.get(ROUTE, params={"student": "ben"}).json()["items"]
    by_student = client_of("ann").get(ROUTE, params={"student": "ben"}).json()["items"]

    assert [item["student"] for item in everyone] == ["ben", "ann"]
    assert [item["student"] for item in ben] == ["ben"]
    assert [item["student"] for item in by_student] == ["ann"]


def test_idempotency_key_makes_a_repeat_safe(client_of: Clients) -> None:
    client = client_of("ann")
    client.headers["Idempotency-Key"] = "k1"

    first, again = _upload(client), _upload(client)
    other = _upload(client, ("loss.py", b"y = 2\n"))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["reason"]) == (422, "key_reused")


def test_waiting_ends_when_the_time_is_over(client_of: Clients) -> None:
    response = client_of("ann").post(ROUTE, params={"wait": 0.05}, files={"files": FILE})

    assert (response.status_code, response.json()["status"]) == (201, "queued")


def test_files_left_out_are_taken_from_an_earlier_attempt(client_of: Clients) -> None:
    client = client_of("ann")
    _upload(client, ("loss.py", b"old"), ("solver.py", b"kept"))

    body = _upload(client, ("loss.py", b"new"), keep_from="1").json()

    route = f"/api/v1/submissions/{body['id']}/files"
    assert [file["name"] for file in body["files"]] == ["loss.py", "solver.py"]
    assert client.get(f"{route}/loss.py").content == b"new"
    assert client.get(f"{route}/solver.py").content == b"kept"
    assert "solver.py was taken from attempt 1." in body["warnings"]
    assert "classifier.py is missing: its cases earn no points." in body["warnings"]


def test_nothing_is_kept_from_anothers_attempt(client_of: Clients) -> None:
    _upload(client_of("ann"), ("solver.py", b"hers"))
    ben = client_of("ben")

    answer = _upload(ben, FILE, keep_from="1")

    assert answer.status_code == 422
    assert answer.json()["reason"] == "no_such_attempt"
    assert ben.get(ROUTE).json()["items"] == []


def test_keeping_files_is_no_upload_of_its_own(client_of: Clients) -> None:
    client = client_of("ann")
    _upload(client)

    answer = _upload(client, ("notes.zip", a_zip({"notes.txt": b"x"})), keep_from="1")

    assert answer.json()["reason"] == "nothing_to_grade"
    assert len(client.get(ROUTE).json()["items"]) == 1

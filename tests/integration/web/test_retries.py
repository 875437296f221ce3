"""A failed run is tried again by staff, and by nobody else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.storage import runs
from grader.storage.runs import Claim
from grader.workflow.service import Service
from tests.factories import a_result

ROUTE = "/api/v1/courses/demo/assignments/hw4/submissions"
Clients = Callable[..., Client]


@pytest.fixture
def failed(client_of: Clients, service: Service) -> tuple[int, Claim]:
    """Give a submission of Ann's whose run failed, and its last try."""
    files = {"files": ("loss.py", b"x")}
    submission: int = client_of("ann").post(ROUTE, files=files).json()["id"]
    for minutes in range(1, 4):
        later = datetime.now(UTC) + timedelta(minutes=minutes)
        with service.database.writing() as session:
            held = runs.claim(session, "worker", later, later)
            assert held is not None
            runs.fail_try(session, held, "the disk is full", later)
    assert held is not None
    return submission, held


def test_staff_see_why_a_run_failed_and_students_do_not(
    client_of: Clients, failed: tuple[int, Claim]
) -> None:
    route = f"/api/v1/submissions/{failed[0]}"

    to_staff = client_of("tutor", Role.ASSISTANT).get(route).json()
    to_student = client_of("ann").get(route).json()

    assert to_staff["error"] == "the disk is full"
    assert "disk" not in to_student["error"]


def test_staff_list_what_failed(client_of: Clients, failed: tuple[int, Claim]) -> None:
    tutor = client_of("tutor", Role.ASSISTANT)
    tutor.post(ROUTE, files={"files": ("loss.py", b"x")}, data={"student": "ben"})

    items = tutor.get(ROUTE, params={"status": "failed"}).json()["items"]

    assert [item["id"] for item in items] == [failed[0]]


def test_failed_run_is_queued_again_and_graded(
    client_of: Clients, service: Service, failed: tuple[int, Claim]
) -> None:
    submission, _ = failed
    tutor = client_of("tutor", Role.ASSISTANT)

    again = tutor.post(f"/api/v1/submissions/{submission}/retry")
    now = datetime.now(UTC)
    with service.database.writing() as session:
        held = runs.claim(session, "worker", now, now + timedelta(seconds=15))
        assert held is not None
        runs.finish(session, held, a_result(), now)

    assert (again.status_code, again.json()["status"], again.json()["error"]) == (
        202,
        "queued",
        None,
    )
    body = client_of("ann").get(f"/api/v1/submissions/{submission}").json()
    assert (body["status"], body["score"], body["run"]["tries"]) == ("graded", 10.0, 4)


def test_try_from_before_writes_nothing_any_more(
    client_of: Clients, service: Service, failed: tuple[int, Claim]
) -> None:
    submission, lost = failed
    client_of("tutor", Role.ASSISTANT).post(f"/api/v1/submissions/{submission}/retry")

    with service.database.writing() as session:
        written = runs.finish(session, lost, a_result(), datetime.now(UTC))

    assert not written


def test_student_cannot_try_again(client_of: Clients, failed: tuple[int, Claim]) -> None:
    route = f"/api/v1/submissions/{failed[0]}/retry"

    assert client_of("ann").post(route).status_code == 403
    assert client_of("ben").post(route).status_code == 404
    assert client_of(None).post(route).status_code == 401


def test_run_that_has_not_failed_is_left_as_it_is(client_of: Clients) -> None:
    ann = client_of("ann")
    submission = ann.post(ROUTE, files={"files": ("loss.py", b"x")}).json()["id"]

    answer = client_of("tutor", Role.ASSISTANT).post(f"/api/v1/submissions/{submission}/retry")

    assert answer.status_code == 409
    assert ann.get(f"/api/v1/submissions/{submission}").json()["status"] == "queued"


def test_staff_see_on_the_page_why_a_run_failed_and_start_it_again(
    browser_of: Clients, failed: tuple[int, Claim]
) -> None:
    tutor = browser_of("tutor", Role.ASSISTANT)
    address = f"/submissions/{failed[0]}"
    page = tutor.get(address)

    form = _retry_form(page.text)
    assert form is not None
    headers = {"Origin": str(tutor.base_url).rstrip("/")}
    again = tutor.post(form[1], data={"csrf_token": form[2]}, headers=headers)
    after = tutor.get(address)
    twice = tutor.post(form[1], data={"csrf_token": form[2]}, headers=headers)

    assert "the disk is full" in page.text
    assert (again.status_code, again.headers["Location"]) == (303, address)
    assert "It is queued again." in after.text
    assert _retry_form(after.text) is None
    assert "this one has not failed" in tutor.get(twice.headers["Location"]).text


def test_page_of_a_failed_run_offers_a_student_nothing_to_start(
    browser_of: Clients, failed: tuple[int, Claim]
) -> None:
    page = browser_of("ann").get(f"/submissions/{failed[0]}")

    assert "The grader failed, not your files" in page.text
    assert "disk" not in page.text
    assert _retry_form(page.text) is None


def test_run_is_not_started_again_by_a_form_that_is_not_ours(
    client_of: Clients, browser_of: Clients, failed: tuple[int, Claim]
) -> None:
    tutor = browser_of("tutor", Role.ASSISTANT)

    answer = tutor.post(f"/submissions/{failed[0]}/retry", data={"csrf_token": "x"})

    assert answer.status_code == 403
    route = f"/api/v1/submissions/{failed[0]}"
    assert client_of("ann").get(route).json()["status"] == "failed"


def _retry_form(page: str) -> re.Match[str] | None:
    """Find the form that starts a run again: where it goes, and its token."""
    return re.search(
        r'action="(/submissions/\d+/retry)">\s*<input [^>]*name="csrf_token" value="(\w+)"',
        page,
    )

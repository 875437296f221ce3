"""What staff find at an assignment: how their class stands, where students hand in."""

import re
from collections.abc import Callable

import pytest
from httpx import Client, Response

from grader.domain.people import Role

ASSIGNMENT = "/courses/demo/assignments/hw4"
FILE = ("loss.py", b"def forward(y):\n    return y_true\n")
Browsers = Callable[..., Client]


def _hand_in(browser: Client, **fields: str) -> Response:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert found is not None
    data = {"csrf_token": found[1], **fields}
    response: Response = browser.post(ASSIGNMENT, files=[("files", FILE)], data=data)
    return response


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_staff_see_the_class_where_students_hand_in(browser_of: Browsers, role: Role) -> None:
    _hand_in(browser_of("ann"))
    _hand_in(browser_of("ben"))

    staff = browser_of("tutor", role).get(ASSIGNMENT).text
    student = browser_of("ann").get(ASSIGNMENT).text

    assert "of ann" in staff
    assert "of ben" in staff
    assert 'type="file"' not in staff
    assert "ben" not in student
    assert 'type="file"' in student


def test_navigation_of_staff_says_where_they_are(browser_of: Browsers) -> None:
    page = browser_of("tutor", Role.ASSISTANT).get(ASSIGNMENT).text

    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert re.findall(r'aria-current="page">(\w+)', tabs) == ["Overview"]
    assert "desk.css" in page


def test_student_is_shown_nothing_of_the_desk(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    address = _hand_in(browser).headers["Location"]

    for page in ("/", ASSIGNMENT, f"{ASSIGNMENT}/hand-in", address):
        text = browser.get(page).text
        assert "desk.css" not in text
        assert 'class="tabs"' not in text


def test_every_link_of_the_navigation_leads_to_a_page(browser_of: Browsers) -> None:
    tutor = browser_of("tutor", Role.ASSISTANT)

    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', tutor.get(ASSIGNMENT).text, re.DOTALL)

    for address in re.findall(r'href="([^"]+)"', tabs):
        assert tutor.get(address).status_code == 200


def test_staff_hand_in_for_a_student(browser_of: Browsers) -> None:
    _hand_in(browser_of("ann"))
    tutor = browser_of("tutor", Role.ASSISTANT)

    assert "Whose files these are" in tutor.get(f"{ASSIGNMENT}/hand-in").text
    address = _hand_in(tutor, student="ann").headers["Location"]

    assert "Attempt 2" in browser_of("ann").get(address).text


def test_staff_try_the_assignment_as_themselves(browser_of: Browsers) -> None:
    tutor = browser_of("tutor", Role.ASSISTANT)

    address = _hand_in(tutor, student=" ").headers["Location"]

    assert "Attempt 1" in tutor.get(address).text
    assert "Attempt 1" in tutor.get(f"{ASSIGNMENT}/hand-in").text


def test_name_that_nobody_can_have_is_refused_on_the_page(browser_of: Browsers) -> None:
    answer = _hand_in(browser_of("tutor", Role.ASSISTANT), student="<b>")

    assert answer.status_code == 422
    assert "This was not taken" in answer.text
    assert 'value="&lt;b&gt;"' in answer.text


def test_student_hands_in_for_nobody_else(browser_of: Browsers) -> None:
    assert "Whose files these are" not in browser_of("ann").get(f"{ASSIGNMENT}/hand-in").text
    assert _hand_in(browser_of("ann"), student="ben").status_code == 403

"""A student's page as staff see it."""

import re
from collections.abc import Callable

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.domain.verdicts import Visibility
from grader.storage import courses
from grader.workflow.service import Service
from tests.factories import a_case
from tests.integration.web.desk import ASSIGNMENT, HOSTILE, grade, hand_in, lost, questions

Browsers = Callable[..., Client]
ANN = f"{ASSIGNMENT}/students/ann"


def _two_attempts(browser_of: Browsers, service: Service) -> None:
    ann = browser_of("ann")
    hand_in(ann, ("loss.py", b"def f(y):\n    return y\n"), ("solver.py", b"x = 1\n"))
    grade(service, lost(name="Mended", message="not doubled"), a_case(name="Same"))
    hand_in(ann, ("loss.py", b"def f(y):\n    return 2 * y\n"), ("solver.py", b"x = 1\n"))
    grade(service, a_case(name="Mended"), a_case(name="Same"))


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_last_two_attempts_are_compared_beside_the_cases_that_changed(
    browser_of: Browsers, service: Service, role: Role
) -> None:
    _two_attempts(browser_of, service)

    page = browser_of("tutor", role).get(ANN).text

    changed = page[page.index('id="changed"') :]
    assert "<mark>2 * </mark>y" in changed
    assert "not doubled" in changed
    assert changed.count("Mended") == 1
    assert ">Same<" not in changed
    assert "1 case came out otherwise" in changed
    assert "The same in both: solver.py" in changed
    assert "Attempt 2 counts: its 20 points are the most." in page
    assert "Attempt 1: 10. Attempt 2: 20, counts." in page


def test_two_attempts_are_chosen_by_the_address(browser_of: Browsers, service: Service) -> None:
    _two_attempts(browser_of, service)
    hand_in(browser_of("ann"), ("loss.py", b"def f(y):\n    return 3 * y\n"))
    tutor = browser_of("tutor", Role.ASSISTANT)

    page = tutor.get(f"{ANN}?before=3&after=1").text

    assert re.search(r'name="before">.*?value="3" selected', page, re.DOTALL)
    assert re.search(r'name="after">.*?value="1" selected', page, re.DOTALL)
    assert "<mark>3 * </mark>y" in page
    assert "One of the two has no result" in page
    assert "only in the later one" in page


@pytest.mark.parametrize("query", ["before=x&after=-1", "before=99&after=98", "page=9999999999"])
def test_choice_that_is_none_shows_the_last_two(
    browser_of: Browsers, service: Service, query: str
) -> None:
    _two_attempts(browser_of, service)

    page = browser_of("tutor", Role.ASSISTANT).get(f"{ANN}?{query}")

    assert page.status_code == 200
    assert re.search(r'name="after">.*?value="2" selected', page.text, re.DOTALL)


def test_hidden_cases_are_part_of_what_staff_compare(
    browser_of: Browsers, service: Service
) -> None:
    ann = browser_of("ann")
    for case in (lost(name="Secret", visibility=Visibility.HIDDEN), a_case(name="Secret")):
        hand_in(ann)
        grade(service, case)

    assert "Secret" in browser_of("tutor", Role.ASSISTANT).get(ANN).text


def test_page_before_the_first_attempt_and_after_it_is_useful(browser_of: Browsers) -> None:
    tutor = browser_of("tutor", Role.ASSISTANT)

    assert tutor.get(ANN).status_code == 404

    hand_in(browser_of("ann"))
    page = tutor.get(ANN).text
    assert "No attempt is graded yet, so none counts." in page
    assert "With a second attempt" in page


def test_students_see_no_such_page_not_even_their_own(
    browser_of: Browsers, service: Service
) -> None:
    ann = browser_of("ann")
    with service.database.writing() as session:
        courses.ensure_course(session, "other", "other")
    hand_in(ann)

    assert ann.get(ANN).status_code == 404
    assert browser_of("ben").get(ANN).status_code == 404
    assert browser_of("prof", Role.INSTRUCTOR, "other").get(ANN).status_code == 404


def test_hostile_code_and_messages_stay_text(browser_of: Browsers, service: Service) -> None:
    ann = browser_of("ann")
    for said in (HOSTILE, f"{HOSTILE}{'x' * 100_000}"):
        hand_in(ann, ("loss.py", f"# {said}\n".encode() * 3))
        grade(service, lost(name=said[:60], message=said))

    page = browser_of("tutor", Role.ASSISTANT).get(ANN).text

    for evil in ("<script>alert", "<img", "\x1b", "\u202e"):
        assert evil not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 60_000


@pytest.mark.parametrize("name", ["O'Neill", "محمد عبد الله", "a+b@c.de", "W" * 100])
def test_address_of_any_name_leads_to_its_page(browser_of: Browsers, name: str) -> None:
    address = hand_in(browser_of(name))
    tutor = browser_of("tutor", Role.ASSISTANT)

    found = re.search(r'href="([^"]+/students/[^"]+)"', tutor.get(address).text)

    assert found is not None
    assert tutor.get(found[1]).status_code == 200


def test_many_attempts_are_paged_and_ask_no_more_often(
    browser_of: Browsers, service: Service
) -> None:
    ann, tutor = browser_of("ann"), browser_of("tutor", Role.ASSISTANT)
    for number in range(2):
        hand_in(ann)
        grade(service, a_case(points=9.0 - number))
    twice = questions(tutor, ANN)
    for _ in range(28):
        hand_in(ann)
        grade(service, lost())

    often = questions(tutor, ANN)

    assert often <= twice + 2  # with the look at what was released, once in a second
    assert often <= 15
    table = r'<th scope="row"><a href="/submissions/\d+">Attempt (\d+)</a>'
    for browser, address in ((tutor, ANN), (ann, ASSIGNMENT)):
        first, second = (browser.get(f"{address}?page={number}").text for number in (1, 2))
        assert re.findall(table, first) == ["1", *map(str, range(30, 5, -1))]
        assert re.findall(table, second) == ["5", "4", "3", "2", "1"]
        assert 'href="?page=2' in first

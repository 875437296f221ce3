"""What staff find at an assignment: how their class stands, where students hand in."""

import re
from collections.abc import Callable

import pytest
from httpx import Client, Response

from grader.domain.people import Identity, Role
from grader.domain.verdicts import Visibility
from grader.web.pages import class_news
from grader.workflow.service import Place, Service
from grader.workflow.statistics import read_mark
from tests.factories import a_case
from tests.integration.web.desk import (
    ASSIGNMENT,
    FILE,
    HOSTILE,
    csrf_token,
    fail,
    grade,
    hand_in,
    lost,
    questions,
)

Browsers = Callable[..., Client]


def _send(browser: Client, **fields: str) -> Response:
    data = {"csrf_token": csrf_token(browser), **fields}
    response: Response = browser.post(ASSIGNMENT, files=[("files", FILE)], data=data)
    return response


def _text(page: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def tutor(browser_of: Browsers) -> Client:
    """Give an assistant's browser."""
    return browser_of("tutor", Role.ASSISTANT)


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_staff_see_the_class_where_students_hand_in(browser_of: Browsers, role: Role) -> None:
    hand_in(browser_of("ann"))
    hand_in(browser_of("ben"))

    staff = browser_of("tutor", role).get(ASSIGNMENT).text
    student = browser_of("ann").get(ASSIGNMENT).text

    assert "of ann" in staff
    assert "of ben" in staff
    assert 'type="file"' not in staff
    assert "ben" not in student
    assert 'type="file"' in student


def test_navigation_of_staff_says_where_they_are(tutor: Client) -> None:
    page = tutor.get(ASSIGNMENT).text

    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert re.findall(r'aria-current="page">(\w+)', tabs) == ["Overview"]
    assert "desk.css" in page


def test_student_is_shown_nothing_of_the_desk(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    address = hand_in(browser)

    for page in ("/", ASSIGNMENT, f"{ASSIGNMENT}/hand-in", address):
        text = browser.get(page).text
        assert "desk.css" not in text
        assert 'class="tabs"' not in text


def test_every_link_of_the_navigation_leads_to_a_page(tutor: Client) -> None:
    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', tutor.get(ASSIGNMENT).text, re.DOTALL)

    for address in re.findall(r'href="([^"]+)"', tabs):
        assert tutor.get(address).status_code == 200


def test_overview_of_nobody_is_useful(tutor: Client) -> None:
    said = _text(tutor.get(ASSIGNMENT).text)

    assert "0 of 0 handed in" in said
    assert "Nothing waits in the queue" in said
    assert "Nothing is graded yet" in said
    assert "Nobody has handed in yet" in said


def test_overview_counts_the_class(browser_of: Browsers, service: Service, tutor: Client) -> None:
    for name, points in (("ann", 100.0), ("ben", 80.0), ("cleo", 30.0)):
        hand_in(browser_of(name))
        grade(service, a_case(points=points, max_points=100.0))
    hand_in(browser_of("dora"))

    said = _text(tutor.get(ASSIGNMENT).text)

    assert "4 of 4 handed in 2 passed 1 not passed yet 0 nothing yet 1 waiting" in said
    assert "Median score 80, mean 70 of 100" in said
    assert "1 in the queue, the oldest for" in said


def test_overview_tells_what_most_got_wrong_and_leads_to_them(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    for name, got in (("ann", "0.25"), ("ben", "-3e-05"), ("cleo", "")):
        hand_in(browser_of(name))
        message = f"backward returned {got}, but 1 was expected."
        grade(service, lost(message=message) if got else a_case(), a_case(name="Other"))

    page = tutor.get(ASSIGNMENT).text
    found = re.search(r'href="([^"]+mistake=[^"]+)"[^>]*>backward returned', page)
    assert found is not None
    listed = tutor.get(found[1].replace("&amp;", "&")).text

    assert "2 of 3 BCEForwardTest" in _text(page)
    assert "33 % 1 of 3" in _text(page)
    assert ("ann" in listed, "ben" in listed, "cleo" in listed) == (True, True, False)


def test_cases_come_with_the_hardest_first(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    hand_in(browser_of("ann"))
    grade(service, a_case(name="Easy"), lost(name="Hard", message="no"), a_case(name="Plain"))

    (table,) = re.findall(
        r'<table class="list cases">.*?</table>', tutor.get(ASSIGNMENT).text, re.S
    )

    assert re.findall(r'scope="row">(\w+)', table) == ["Hard", "Easy", "Plain"]


def test_overview_shows_staff_cases_that_students_do_not_see(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    hand_in(browser_of("ann"))
    grade(service, a_case(name="Secret", visibility=Visibility.HIDDEN))

    assert "Secret" in tutor.get(ASSIGNMENT).text
    assert "Secret" not in browser_of("ann").get(ASSIGNMENT).text


def test_overview_tells_of_our_failures_and_of_stale_results(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    hand_in(browser_of("ann"))
    grade(service, a_case(), suite_version="older")
    hand_in(browser_of("ben"))
    fail(service, "the disk is full")

    said = _text(tutor.get(ASSIGNMENT).text)

    assert "1 submission has no score by our own failure" in said
    assert "1 submission was graded by another suite version" in said


def test_hostile_messages_are_shown_as_text(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    hand_in(browser_of("ann"))
    hand_in(browser_of("ben"))
    for _ in range(2):
        grade(service, lost(message=HOSTILE, name="<b>case"))

    page = tutor.get(ASSIGNMENT).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "<b>case" not in page


def test_long_message_is_cut(browser_of: Browsers, service: Service, tutor: Client) -> None:
    hand_in(browser_of("ann"))
    grade(service, lost(message="x" * 100_000))

    assert len(tutor.get(ASSIGNMENT).text) < 30_000


def _news(tutor: Client, act: Callable[[], object], last: str, since: str = "") -> list[str]:
    """Open the overview's stream, do something, and return the events up to one with `last`."""
    told: list[str] = []
    with tutor.stream("GET", f"{ASSIGNMENT}/events?since={since}", timeout=60) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        next(lines)  # the stream has begun
        act()
        for line in lines:
            if line.startswith("event:"):
                told.append(line.removeprefix("event:").strip())
            elif told and line.startswith("data:"):
                told[-1] += line
            if last in line:
                return told
    raise AssertionError(f"no news of {last}: {told}")


def _mark(service: Service) -> str:
    tutor = Identity(1, "tutor", Role.ASSISTANT)
    return read_mark(service, tutor, Place("demo", "hw4"))


def test_upload_appears_in_the_open_overview_without_a_look_at_the_clock(
    browser_of: Browsers, service: Service, tutor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_news, "_LOOK_AGAIN_SECONDS", 3600.0)
    ann = browser_of("ann")

    told = _news(tutor, lambda: hand_in(ann), "of ann", _mark(service))

    assert told[0].startswith("figures")
    assert 'class="of">of 1' in told[0]


def test_score_that_another_process_wrote_appears_in_the_open_overview(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    hand_in(browser_of("ann"))

    told = _news(tutor, lambda: grade(service, a_case(name="Solved")), ">10</span>", _mark(service))

    assert any("Solved" in each for each in told)


def test_what_did_not_change_is_not_sent_again(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    hand_in(browser_of("ann"))
    grade(service, a_case())
    ben = browser_of("ben")
    tutor.get(ASSIGNMENT)

    told = _news(tutor, lambda: hand_in(ben), "of ben", _mark(service))

    assert [each.partition("data:")[0] for each in told] == ["figures", "activity", "latest"]


def test_news_are_for_staff(browser_of: Browsers) -> None:
    assert browser_of("ann").get(f"{ASSIGNMENT}/events").status_code == 403


def test_overview_asks_the_database_a_fixed_number_of_times(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    counts = []
    for names in (("ann",), ("ben", "cleo", "dora", "emil")):
        for name in names:
            hand_in(browser_of(name))
            grade(service, lost(message=f"no {name}"), a_case(name="Other"))
        counts.append(questions(tutor, ASSIGNMENT))

    assert max(counts) <= 13, counts
    assert abs(counts[0] - counts[1]) <= 2, "the look at what was released, once in a second"


def test_staff_hand_in_for_a_student(browser_of: Browsers, tutor: Client) -> None:
    hand_in(browser_of("ann"))

    assert "Whose files these are" in tutor.get(f"{ASSIGNMENT}/hand-in").text
    address = _send(tutor, student="ann").headers["Location"]

    assert "Attempt 2" in browser_of("ann").get(address).text


def test_staff_try_the_assignment_and_stay_staff(tutor: Client, service: Service) -> None:
    address = _send(tutor, student=" ").headers["Location"]
    grade(service, a_case())

    assert "Attempt 1" in tutor.get(address).text
    assert "Attempt 1" in tutor.get(f"{ASSIGNMENT}/hand-in").text
    assert "0 of 0 handed in" in _text(tutor.get(ASSIGNMENT).text)


def test_name_that_nobody_can_have_is_refused_on_the_page(tutor: Client) -> None:
    answer = _send(tutor, student="<b>")

    assert answer.status_code == 422
    assert "This was not taken" in answer.text
    assert 'value="&lt;b&gt;"' in answer.text


def test_student_hands_in_for_nobody_else(browser_of: Browsers) -> None:
    assert "Whose files these are" not in browser_of("ann").get(f"{ASSIGNMENT}/hand-in").text
    assert _send(browser_of("ann"), student="ben").status_code == 403

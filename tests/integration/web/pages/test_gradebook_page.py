"""The page of the gradebook: what it shows is in its address."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from httpx import Client

from grader.domain.people import Role
from grader.storage import courses, people
from grader.workflow.service import Service
from tests.factories import a_case
from tests.integration.web.desk import ASSIGNMENT, grade, hand_in, lost, questions

GRADEBOOK = f"{ASSIGNMENT}/gradebook"
Browsers = Callable[..., Client]


@pytest.fixture
def tutor(browser_of: Browsers) -> Client:
    """Give an assistant's browser."""
    return browser_of("tutor", Role.ASSISTANT)


@pytest.fixture
def class_(browser_of: Browsers, service: Service) -> None:
    """Let a class of four hand in; what Dora did is not graded yet."""
    scores = {"cleo": (10.0, 90.0), "ann": (10.0, 20.0), "ben": (0.0, 85.0)}
    for name, (first, second) in scores.items():
        hand_in(browser_of(name))
        message = f"{name} is wrong"
        grade(
            service,
            a_case(name="A", points=first, message="" if first else message),
            a_case(name="B", points=second, max_points=90.0),
        )
    hand_in(browser_of("dora"))


def _students(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]+>([^<]+)</a>', page)


def _shown(tutor: Client, **asked: str) -> list[str]:
    answer = tutor.get(f"{GRADEBOOK}?{urlencode(asked)}")
    assert answer.status_code == 200
    return _students(answer.text)


def _enrol(service: Service, *names: str) -> None:
    with service.database.writing() as session:
        course = courses.ensure_course(session, "demo", "demo")
        for name in names:
            people.enrol(session, course, people.ensure_person(session, name), Role.STUDENT)


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
@pytest.mark.usefixtures("class_")
def test_gradebook_has_a_row_for_each_student(browser_of: Browsers, role: Role) -> None:
    page = browser_of("tutor", role).get(GRADEBOOK).text

    assert _students(page) == ["ann", "ben", "cleo", "dora"]
    (row,) = re.findall(r"<tr>\s*<th scope=\"row\"><a [^>]+>ben</a>.*?</tr>", page, re.DOTALL)
    assert re.findall(r'class="of-case( lost)?">([\d.]+)', row) == [(" lost", "0"), (" lost", "85")]
    assert "85<" in row
    assert "waiting" in page


@pytest.mark.usefixtures("class_")
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param({"sort": "-score"}, ["cleo", "ben", "ann", "dora"], id="by score"),
        pytest.param({"sort": "case:A"}, ["ben", "ann", "cleo", "dora"], id="by a case"),
        pytest.param({"sort": "-student"}, ["dora", "cleo", "ben", "ann"], id="from the end"),
        pytest.param({"q": "N"}, ["ann", "ben"], id="a part of a name"),
        pytest.param({"show": "passed"}, ["ben", "cleo"], id="passed"),
        pytest.param({"show": "waiting"}, ["dora"], id="waiting"),
        pytest.param({"case": "A"}, ["ben"], id="who lost a case"),
        pytest.param({"case": "Z"}, [], id="an unknown case"),
        pytest.param({"q": "nobody"}, [], id="nobody"),
        pytest.param({"sort": "passwords"}, ["ann", "ben", "cleo", "dora"], id="unknown order"),
        pytest.param({"show": "all"}, ["ann", "ben", "cleo", "dora"], id="unknown part"),
        pytest.param({"page": "2"}, [], id="a page that is not there"),
        pytest.param({"page": "-1"}, ["ann", "ben", "cleo", "dora"], id="no page at all"),
    ],
)
def test_address_says_who_is_shown_and_in_which_order(
    tutor: Client, asked: dict[str, str], names: list[str]
) -> None:
    assert _shown(tutor, **asked) == names


@pytest.mark.usefixtures("class_")
def test_links_of_the_page_keep_what_is_asked(tutor: Client) -> None:
    page = tutor.get(f"{GRADEBOOK}?show=passed&sort=-score").text

    links = {
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+gradebook[^"]*)"', page)
    }

    assert f"{GRADEBOOK}?show=passed&sort=score" in links
    assert f"/api/v1{GRADEBOOK}.canvas.csv?show=passed&sort=-score" in links
    assert f"/api/v1{GRADEBOOK}.csv?show=passed&sort=-score" in links
    assert re.search(r'value="passed" selected', page)
    assert re.search(r'name="sort" value="-score"', page)
    assert re.search(r'aria-sort="descending"[^>]*><a [^>]+>Score', page)


def test_large_class_comes_in_pages(tutor: Client, service: Service) -> None:
    _enrol(service, *(f"student {number:03}" for number in range(120)))

    first = tutor.get(GRADEBOOK).text
    last = tutor.get(f"{GRADEBOOK}?page=3").text

    assert (len(_students(first)), len(_students(last))) == (50, 20)
    assert re.search("1.50 of 120", first)
    assert re.search(r'href="[^"]+page=2" rel="next"', first)
    assert 'rel="next"' not in last
    assert _students(last)[-1] == "student 119"


def test_gradebook_of_an_empty_class_is_useful(tutor: Client) -> None:
    page = tutor.get(GRADEBOOK).text

    assert "Nobody is in this course yet" in page
    assert "for Canvas" not in page


def test_gradebook_is_for_staff(browser_of: Browsers) -> None:
    hand_in(browser_of("ann"))

    answer = browser_of("ann").get(GRADEBOOK)

    assert answer.status_code == 403
    assert "for staff" in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "<script>alert(1)</script>"},
        {"case": "<script>alert(1)</script>", "mistake": '"><script>alert(1)</script>'},
        {"sort": "case:<script>alert(1)</script>"},
        {"q": "x" * 5000, "case": "y" * 5000, "show": "z" * 5000},
        {"q": "\x00\udcff".encode(errors="surrogatepass").decode("latin-1")},
    ],
    ids=["search", "case", "order", "long", "odd bytes"],
)
@pytest.mark.usefixtures("class_")
def test_hostile_address_is_shown_as_text(tutor: Client, asked: dict[str, str]) -> None:
    page = tutor.get(f"{GRADEBOOK}?{urlencode(asked)}")

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert len(page.text) < 30_000


def test_hostile_names_and_cases_are_shown_as_text(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    _enrol(service, "ann' onmouseover", "=cmd", "<b>bold", "x" * 100)
    hand_in(browser_of("ann"))
    grade(service, lost(name='"><b>\u202ecase', message="<i>"))

    page = tutor.get(GRADEBOOK).text

    assert "<b>" not in page
    assert "\u202e" not in re.sub(r'value="[^"]*"', "", page), "but for what a form sends back"
    assert "&lt;b&gt;bold" in page


def test_gradebook_asks_the_database_a_fixed_number_of_times(
    browser_of: Browsers, service: Service, tutor: Client
) -> None:
    counts = []
    address = f"{GRADEBOOK}?case=BCEForwardTest&sort=case:Other"
    for names in (("ann",), ("ben", "cleo", "dora", "emil")):
        for name in names:
            hand_in(browser_of(name))
            grade(service, lost(message=f"no {name}"), a_case(name="Other"))
        counts.append(questions(tutor, address))

    assert max(counts) <= 12, counts
    assert abs(counts[0] - counts[1]) <= 2, "the look at what was released, once in a second"

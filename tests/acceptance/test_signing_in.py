"""Links that the commands print, opened as a browser would."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.acceptance.conftest import Ran, Server

Grader = Callable[..., Ran]
Serve = Callable[..., Server]


def _open(link: str) -> httpx.Response:
    """Open a link and press its button; return the page that one comes to."""
    with httpx.Client(follow_redirects=True, headers={"Accept": "text/html"}) as browser:
        shown = browser.get(link)
        token = re.search(r'name="csrf_token" value="(\w+)"', shown.text)
        return browser.post(link, data={"csrf_token": token[1]}) if token else shown


def test_demo_prints_links_that_sign_in_instructor_and_student_once(serve: Serve) -> None:
    server = serve("--no-workers", "--no-class")
    links = re.findall(r"^(\S+): +(http\S+/sign-in/\S+)$", server.said, re.MULTILINE)

    pages = {name: _open(link) for name, link in links}
    again = [_open(link).status_code for _, link in links]

    assert "instructor, instructor" in pages["instructor"].text
    assert "demo-student, student" in pages["demo-student"].text
    assert again == [404, 404]


def test_command_prints_a_link_alone(serve: Serve, grader: Grader) -> None:
    server = serve("--no-workers", "--no-class")
    settings = {"GRADER_BASE_URL": server.url}

    tutor = ("sign-in-link", "tutor", "--role", "assistant")
    made = grader(*tutor, "--course", "demo", **settings)
    unknown = grader(*tutor, "--course", "none", **settings)

    assert (made.exit, unknown.exit) == (0, 2)
    assert "tutor, assistant" in _open(made.out.strip()).text
    assert unknown.err == "grader: There is no course none.\n"
    assert unknown.out == ""


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        pytest.param({}, "http://127.0.0.1:8000", id="usual"),
        pytest.param({"GRADER_URL": "http://here:1"}, "http://here:1", id="where it runs"),
        pytest.param(
            {"GRADER_BASE_URL": "https://grader.example/", "GRADER_URL": "http://here:1"},
            "https://grader.example",
            id="what users see",
        ),
    ],
)
def test_link_has_the_address_that_users_see(
    grader: Grader, variables: dict[str, str], address: str
) -> None:
    grader("migrate")

    made = grader("sign-in-link", "ann", "--role", "student", **variables)

    assert re.fullmatch(re.escape(address) + r"/sign-in/[\w-]{43}\n", made.out)

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
        return _press(browser, link)


def _press(browser: httpx.Client, link: str) -> httpx.Response:
    return browser.post(link, data={"csrf_token": _token_in(browser.get(link))})


def _token_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert found is not None
    return found[1]


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


def test_restart_signs_nobody_out_and_takes_the_forms_of_before(serve: Serve) -> None:
    server = serve("--no-workers", "--no-class")
    found = re.search(r"demo-student: +(\S+)", server.said)
    assert found is not None
    with httpx.Client(headers={"Accept": "text/html"}) as browser:
        _press(browser, found[1])
        token = _token_in(browser.get(server.url))
        server.stop()
        restarted = serve("--no-workers", "--no-class")

        home = browser.get(restarted.url)
        signed_out = browser.post(f"{restarted.url}/sign-out", data={"csrf_token": token})

    assert "demo-student, student" in home.text
    assert signed_out.status_code == 303


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
    assert ("give --url" in made.err) is (not variables)

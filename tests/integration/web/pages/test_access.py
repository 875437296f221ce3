"""Who may see a page, and what every page promises a browser."""

from collections.abc import Callable

import httpx
import pytest
from httpx import Client

from grader.errors import NotAllowed, StorageUnavailable
from grader.web.app import create_app
from grader.web.pages.addresses import safe_path
from grader.workflow.service import Service
from tests.serving import served

Browsers = Callable[..., Client]


@pytest.mark.parametrize(
    ("asked", "sent_to"),
    [
        pytest.param("/", "/sign-in", id="the first page"),
        pytest.param("/?all=1", "/sign-in?next=/%3Fall%3D1", id="with a question"),
    ],
)
def test_stranger_is_sent_to_sign_in_and_back(
    browser_of: Browsers, asked: str, sent_to: str
) -> None:
    response = browser_of(None).get(asked)

    assert response.status_code == 303
    assert response.headers["Location"] == sent_to


def test_part_of_a_page_sends_the_whole_page_to_sign_in(browser_of: Browsers) -> None:
    response = browser_of(None).get("/", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/sign-in"


def test_first_page_shows_the_assignments_of_who_is_signed_in(browser_of: Browsers) -> None:
    browser = browser_of("ann")

    response = browser.get("/")

    assert response.status_code == 200
    assert "HW4" in response.text
    assert "ann, student" in response.text


def test_page_runs_and_loads_nothing_but_our_own_files(browser_of: Browsers) -> None:
    browser = browser_of("ann")

    policy = browser.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_text_from_an_address_is_never_markup(browser_of: Browsers) -> None:
    response = browser_of(None).get("/sign-in", params={"next": '/"><script>alert(1)</script>'})

    assert "/&#34;&gt;&lt;script&gt;" in response.text
    assert "<script" not in response.text


def test_browser_keeps_a_static_file_that_is_named_by_its_content(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    named = browser.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]

    kept, asked_again = browser.get(named), browser.get("/static/style.css?v=0")

    assert "immutable" in kept.headers["Cache-Control"]
    assert asked_again.headers["Cache-Control"] == "no-cache"
    assert kept.headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/none.css"])
def test_nothing_outside_the_static_folder_is_served(browser_of: Browsers, path: str) -> None:
    assert browser_of(None).get(path).status_code == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(NotAllowed("Not <this>."), 403, id="not allowed"),
        pytest.param(StorageUnavailable("disk"), 503, id="no database"),
        pytest.param(ValueError("surprise"), 500, id="unexpected"),
    ],
)
def test_error_is_a_page_for_a_browser(service: Service, error: Exception, status: int) -> None:
    app = create_app(service)

    @app.get("/broken")
    def broken() -> None:
        raise error

    with served(app) as url:
        response = httpx.get(f"{url}/broken", headers={"Accept": "text/html"})

    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "surprise" not in response.text
    assert "<this>" not in response.text


def test_unknown_address_is_a_page_for_a_browser_and_a_problem_for_a_program(
    browser_of: Browsers,
) -> None:
    browser = browser_of(None)

    page = browser.get("/nowhere")
    problem = browser.get("/nowhere", headers={"Accept": "*/*"})
    of_the_api = browser.get("/api/v1/nowhere")

    assert "<h1>Not Found</h1>" in page.text
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert of_the_api.headers["Content-Type"] == "application/problem+json"
    assert {page.status_code, problem.status_code, of_the_api.status_code} == {404}


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nSet-Cookie: x=1",
        "/" + "a" * 2001,
        "/sign-in?next=/",
        "",
    ],
)
def test_path_to_go_back_to_never_leads_elsewhere(path: str) -> None:
    assert safe_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/courses/demo/assignments/hw4?attempt=2"])
def test_path_to_a_page_of_ours_is_kept(path: str) -> None:
    assert safe_path(path) == path


def test_page_that_is_not_there_shows_who_is_signed_in_and_the_way_back(
    browser_of: Callable[..., Client],
) -> None:
    ann = browser_of("ann")
    came_from = str(ann.base_url).rstrip("/") + "/courses/demo/assignments/hw4?page=2"

    for address in ("/nowhere", "/submissions/999"):
        page = ann.get(address, headers={"Referer": came_from})
        assert page.status_code == 404
        assert "ann, student" in page.text
        assert 'href="/courses/demo/assignments/hw4?page=2">Back to where you were' in page.text
        assert 'href="/">To the first page' in page.text


@pytest.mark.parametrize(
    "came_from",
    ["https://evil.example/x", "//evil.example/x", "javascript:alert(1)", "{here}/nowhere", ""],
)
def test_way_back_leads_to_pages_of_ours_only(
    browser_of: Callable[..., Client], came_from: str
) -> None:
    ann = browser_of("ann")
    here = str(ann.base_url).rstrip("/")

    page = ann.get("/nowhere", headers={"Referer": came_from.format(here=here)})

    assert "Back to where you were" not in page.text
    assert "evil" not in page.text


def test_stranger_is_shown_no_name_on_a_page_that_is_not_there(
    browser_of: Callable[..., Client],
) -> None:
    page = browser_of(None).get("/nowhere")

    assert page.status_code == 404
    assert "Sign out" not in page.text

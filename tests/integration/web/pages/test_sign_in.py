"""Signing in and out with a browser."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from httpx import Client, Response

from grader.domain.people import Grant, Role
from grader.web.app import create_app
from grader.web.site import Site
from grader.workflow.people import create_token, revoke_all_of, revoke_token
from grader.workflow.service import Service
from grader.workflow.sign_in import make_link
from tests.serving import client_at, served

Browsers = Callable[..., Client]


@pytest.fixture
def browser(browser_of: Browsers) -> Client:
    """Give a browser in which nobody is signed in."""
    return browser_of(None)


@pytest.fixture
def link(service: Service) -> str:
    """Give the path of an unused link of a student."""
    return _link(service, "ann")


@pytest.fixture
def behind_https(service: Service) -> Iterator[Client]:
    """Give a browser of a site that users reach by https, through a proxy."""
    site = Site("key", "https://grader.example")
    with served(create_app(service, site=site)) as url, client_at(url) as client:
        yield client


def _link(service: Service, name: str, lasts: timedelta = timedelta(hours=1)) -> str:
    return f"/sign-in/{make_link(service.database, Grant(name, Role.STUDENT), lasts)}"


def _csrf_token(page: Response) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert found, page.text
    return found[1]


def _send(browser: Client, path: str, at: str | None = None, **fields: str) -> Response:
    """Send a form as it stands on the page `at`, which is by default at its own address."""
    return browser.post(path, data={"csrf_token": _csrf_token(browser.get(at or path)), **fields})


def _is_signed_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_link_signs_in_whom_it_was_made_for(browser: Client, link: str) -> None:
    response = _send(browser, link)

    assert (response.status_code, response.headers["Location"]) == (303, "/")
    page = browser.get("/")
    assert "ann, student" in page.text
    assert "You are signed in." in page.text


def test_looking_at_a_link_does_not_use_it_up(browser: Client, link: str) -> None:
    looks = [browser.get(link).status_code for _ in range(3)]
    browser.head(link)

    assert looks == [200, 200, 200]
    assert not _is_signed_in(browser)
    assert _send(browser, link).status_code == 303


def test_link_works_once(browser_of: Browsers, link: str) -> None:
    first, second = browser_of(None), browser_of(None)
    token = _csrf_token(second.get(link))
    _send(first, link)

    again = second.post(link, data={"csrf_token": token})

    assert again.status_code == 404
    assert "each works once" in again.text
    assert second.get(link).status_code == 404
    assert not _is_signed_in(second)


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(hours=-1)])
def test_expired_link_does_not_work(browser: Client, service: Service, lasts: timedelta) -> None:
    link = _link(service, "ann", lasts)
    token = _csrf_token(browser.get("/sign-in"))

    assert browser.get(link).status_code == 404
    assert browser.post(link, data={"csrf_token": token}).status_code == 404


def test_used_unknown_and_expired_links_answer_alike(
    browser_of: Browsers, service: Service, link: str
) -> None:
    _send(browser_of(None), link)
    browser = browser_of(None)

    texts = {
        re.sub(r'value="\w+"', "", browser.get(path).text)
        for path in (link, "/sign-in/unknown", _link(service, "ann", timedelta(0)))
    }

    assert len(texts) == 1


def test_opening_a_used_link_again_brings_home_who_is_signed_in(browser: Client, link: str) -> None:
    _send(browser, link)

    again = browser.get(link, follow_redirects=True)

    assert again.url.path == "/"
    assert "That link does not work any more; you are signed in." in again.text


def test_cookie_is_kept_from_scripts_and_from_forms_of_other_sites(
    browser: Client, link: str
) -> None:
    cookie = _session_cookie(_send(browser, link))

    assert cookie.startswith("grader_session=")
    assert _flags(cookie) >= {"httponly", "samesite=lax", "path=/"}
    assert "secure" not in _flags(cookie)  # over plain http a browser would not keep it
    assert not any(flag.startswith("domain") for flag in _flags(cookie))


def test_cookie_goes_over_https_only_where_users_come_by_https(
    behind_https: Client, link: str
) -> None:
    shown = behind_https.get(link)
    visitor = shown.headers["Set-Cookie"]
    kept = {"Cookie": visitor.partition(";")[0]}
    data = {"csrf_token": _csrf_token(shown)}

    response = behind_https.post(link, data=data, headers=kept)

    for cookie in (visitor, _session_cookie(response)):
        assert cookie.startswith("__Host-grader_")
        assert _flags(cookie) >= {"httponly", "samesite=lax", "path=/", "secure"}


def test_plainly_named_cookie_is_not_believed_behind_https(
    behind_https: Client, browser: Client, link: str
) -> None:
    _send(browser, link)
    secret = browser.cookies["grader_session"]

    statuses = [
        behind_https.get("/", headers={"Cookie": f"{name}={secret}"}).status_code
        for name in ("grader_session", "__Host-grader_session")
    ]

    assert statuses == [303, 200]


def _session_cookie(response: Response) -> str:
    cookies = response.headers.get_list("Set-Cookie")
    return next(cookie for cookie in cookies if "grader_session=" in cookie)


def _flags(cookie: str) -> set[str]:
    return {flag.strip().lower() for flag in cookie.split(";")[1:]}


def test_signing_in_again_makes_a_new_session_and_ends_the_one_before(
    browser: Client, service: Service
) -> None:
    _send(browser, _link(service, "ann"))
    first = browser.cookies["grader_session"]
    _send(browser, _link(service, "bob"))
    second = browser.cookies["grader_session"]

    assert first != second
    assert "bob, student" in browser.get("/").text
    browser.cookies.clear()
    assert browser.get("/", headers={"Cookie": f"grader_session={first}"}).status_code == 303


def test_session_that_a_stranger_chose_is_not_taken_over(browser: Client, link: str) -> None:
    token = _csrf_token(browser.get(link))
    visitor = browser.cookies["grader_visitor"]
    chosen = f"grader_session=chosen; grader_visitor={visitor}"
    browser.cookies.clear()

    response = browser.post(link, data={"csrf_token": token}, headers={"Cookie": chosen})

    assert "chosen" not in _session_cookie(response)


def test_signing_out_ends_every_copy_of_the_cookie(browser: Client, link: str) -> None:
    _send(browser, link)
    copy = browser.cookies["grader_session"]

    response = _send(browser, "/sign-out", at="/")

    assert response.headers["Location"] == "/sign-in"
    assert "grader_session" not in browser.cookies
    assert "You are signed out." in browser.get("/sign-in").text
    assert browser.get("/", headers={"Cookie": f"grader_session={copy}"}).status_code == 303


def test_token_signs_in_as_well_and_leads_back(browser: Client, service: Service) -> None:
    token = create_token(service.database, "ann", Role.STUDENT)

    response = _send(browser, "/sign-in", at="/sign-in?next=/%3Fa%3D1", token=f" {token} ")

    assert response.status_code == 303
    assert "ann, student" in browser.get("/").text


def test_form_leads_back_to_where_one_came_from(browser: Client, service: Service) -> None:
    shown = browser.get("/?a=1", follow_redirects=True)

    assert shown.url.path == "/sign-in"
    assert 'name="back" value="/?a=1"' in shown.text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(
    browser_of: Browsers, service: Service, back: str
) -> None:
    browser = browser_of(None)
    token = create_token(service.database, "ann", Role.STUDENT)

    sent = _send(browser, "/sign-in", token=token, back=back)
    signed_in_already = browser.get("/sign-in", params={"next": back})

    assert sent.headers["Location"] == signed_in_already.headers["Location"] == "/"


def test_session_made_from_a_token_ends_with_the_token(browser: Client, service: Service) -> None:
    token = create_token(service.database, "ann", Role.STUDENT)
    _send(browser, "/sign-in", token=token)
    before = _is_signed_in(browser)

    revoke_token(service.database, token)

    assert before
    assert not _is_signed_in(browser)


def test_revoking_a_person_ends_sessions_and_links(
    browser: Client, service: Service, link: str
) -> None:
    _send(browser, _link(service, "ann"))

    ended = revoke_all_of(service.database, "ann")

    assert ended == 2
    assert not _is_signed_in(browser)
    assert browser.get(link).status_code == 404


def test_unknown_token_is_told_and_asked_for_again(browser: Client) -> None:
    response = _send(browser, "/sign-in", token="grd_unknown")

    assert response.status_code == 422
    assert "This token is not known" in response.text
    assert 'name="token"' in response.text
    assert "grd_unknown" not in response.text


def test_who_fails_too_often_has_to_wait_and_is_told_how_long(browser: Client, link: str) -> None:
    token = _csrf_token(browser.get("/sign-in"))
    data = {"csrf_token": token, "token": "grd_guess"}

    statuses = [browser.post("/sign-in", data=data).status_code for _ in range(11)]
    refused = browser.get("/sign-in/guess")

    assert statuses == [422] * 10 + [429]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "<h1>" in refused.text


def test_who_fails_too_often_keeps_nobody_out_at_the_same_address(
    browser_of: Browsers, service: Service, link: str
) -> None:
    token = create_token(service.database, "ben", Role.STUDENT)
    hostile, ann, ben = browser_of(None), browser_of(None), browser_of(None)
    guesses = [hostile.get(f"/sign-in/guess{number}").status_code for number in range(11)]

    by_link = _send(ann, link)
    by_token = _send(ben, "/sign-in", token=token)

    assert guesses == [404] * 10 + [429]
    assert [by_link.status_code, by_token.status_code] == [303, 303]
    assert _is_signed_in(ann)
    assert _is_signed_in(ben)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b"a", "multipart/form-data", id="no boundary"),
        pytest.param(b"a\r\n--y", "multipart/form-data; boundary=x", id="another boundary"),
        pytest.param(b"--x\r\n\r\na\r\n--x--", "multipart/form-data; boundary=x", id="no name"),
        pytest.param(b"csrf_token=\xff%ff%00&=", "application/x-www-form-urlencoded", id="bytes"),
        pytest.param(b"a=&" * 2000, "application/x-www-form-urlencoded", id="many fields"),
        pytest.param(b"a", "application/x-www-form-urlencoded; charset=none", id="charset"),
        pytest.param(b"a", "\xff", id="no kind"),
    ],
)
def test_broken_form_is_answered_by_a_page(
    browser_of: Browsers, link: str, content: bytes, kind: str
) -> None:
    headers = {b"Content-Type": kind.encode("latin-1")}
    sent = [
        (browser_of("ann"), "/sign-out"),
        (browser_of(None), "/sign-in"),
        (browser_of(None), link),
    ]

    answers = [browser.post(path, content=content, headers=headers) for browser, path in sent]

    assert all(answer.status_code in (400, 403) for answer in answers)
    assert all("<h1>" in answer.text for answer in answers)


@pytest.mark.parametrize("path", ["/sign-in", "link"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "as it comes"])
def test_stranger_can_send_no_large_body(
    browser: Client, link: str, path: str, declared: bool
) -> None:
    page = browser.get("/sign-in")
    form = f"csrf_token={_csrf_token(page)}&token=".encode() + b"x" * (65 << 10)
    content = form if declared else iter([form[:1000], form[1000:]])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    response = browser.post(link if path == "link" else path, content=content, headers=headers)

    assert response.status_code == 413


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"data": {}}, id="no token"),
        pytest.param({"data": {"csrf_token": "0" * 64}}, id="another token"),
        pytest.param({"data": {"csrf_token": "é"}}, id="no token at all"),
        pytest.param({"headers": {"Origin": "https://evil.example"}}, id="another origin"),
        pytest.param({"headers": {"Origin": "null"}}, id="hidden origin"),
        pytest.param({"headers": {"Origin": "http://["}}, id="no origin"),
        pytest.param({"headers": {"Sec-Fetch-Site": "cross-site"}}, id="another site"),
        pytest.param({"headers": {"Sec-Fetch-Site": "same-site"}}, id="a neighbour"),
        pytest.param({"content": b"x", "data": None}, id="no form"),
        pytest.param({"json": {"csrf_token": "x"}, "data": None}, id="JSON"),
    ],
)
def test_form_that_is_not_ours_is_refused(browser_of: Browsers, changed: dict[str, object]) -> None:
    browser = browser_of("ann")
    sent = {"data": {"csrf_token": _csrf_token(browser.get("/"))}, **changed}

    response = browser.post("/sign-out", **sent)  # type: ignore[arg-type]

    assert response.status_code == 403
    assert _is_signed_in(browser)


def test_nobody_is_signed_in_by_a_form_that_is_not_ours(
    browser: Client, service: Service, link: str
) -> None:
    token = create_token(service.database, "ann", Role.STUDENT)
    ours = {"csrf_token": _csrf_token(browser.get("/sign-in")), "token": token}
    foreign = {"Origin": "https://evil.example"}

    statuses = [
        browser.post(path, data=data, headers=headers).status_code
        for path in ("/sign-in", link)
        for data, headers in (({"token": token}, {}), (ours, foreign))
    ]

    assert statuses == [403] * 4
    assert not _is_signed_in(browser)
    assert browser.get(link).status_code == 200


def test_form_of_ours_is_taken_whatever_a_browser_tells_of_it(
    browser_of: Browsers, url: str
) -> None:
    for headers in (
        {"Origin": url, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": url},
        {},
    ):
        browser = browser_of("ann")
        data = {"csrf_token": _csrf_token(browser.get("/"))}

        assert browser.post("/sign-out", data=data, headers=headers).status_code == 303


def test_token_of_another_session_is_refused(browser_of: Browsers) -> None:
    ann, bob = browser_of("ann"), browser_of("bob")

    response = ann.post("/sign-out", data={"csrf_token": _csrf_token(bob.get("/"))})

    assert response.status_code == 403


def test_script_may_carry_the_token_in_a_header(browser_of: Browsers) -> None:
    browser = browser_of("ann")
    token = _csrf_token(browser.get("/"))

    assert browser.post("/sign-out", headers={"X-CSRF-Token": token}).status_code == 303


def test_form_sent_after_the_session_ended_leads_to_sign_in(
    browser_of: Browsers, service: Service
) -> None:
    browser = browser_of("ann")
    token = _csrf_token(browser.get("/"))
    revoke_all_of(service.database, "ann")

    response = browser.post("/sign-out", data={"csrf_token": token})

    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")


def test_sentence_for_the_next_page_is_believed_only_with_our_signature(
    browser_of: Browsers,
) -> None:
    browser = browser_of("ann")
    forged = {"Cookie": f"grader_session={browser.cookies['grader_session']}; grader_flash=SGk=."}

    assert 'class="flash"' not in browser.get("/", headers=forged).text


def test_api_lets_a_session_read_and_change_only_with_the_token_of_a_page(
    browser_of: Browsers,
) -> None:
    browser = browser_of("ann")
    token = _csrf_token(browser.get("/"))
    route = "/api/v1/courses/demo/assignments/hw4/submissions"
    files = {"files": ("loss.py", b"x = 1\n")}

    read = browser.get("/api/v1/me")
    bare = browser.post(route, files=files)
    in_form = browser.post(route, files=files, data={"csrf_token": token})
    foreign = {"X-CSRF-Token": token, "Origin": "https://evil.example"}
    from_elsewhere = browser.post(route, files=files, headers=foreign)
    ours = browser.post(route, files=files, headers={"X-CSRF-Token": token})

    assert read.json()["name"] == "ann"
    assert [bare.status_code, in_form.status_code, from_elsewhere.status_code] == [403] * 3
    assert ours.status_code == 201


def test_wrong_bearer_token_is_not_excused_by_a_session(browser_of: Browsers) -> None:
    browser = browser_of("ann")

    response = browser.get("/api/v1/me", headers={"Authorization": "Bearer grd_unknown"})

    assert response.status_code == 401

"""Signing in with a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site, sign_in
from tests.browser.reading import barriers, overflow

APage = Callable[..., Page]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_link_signs_in_once(a_page: APage, site: Site, scripts: bool) -> None:
    page = a_page(None, scripts=scripts)
    link = site.link_for("ann")

    sign_in(page, link)
    page.get_by_role("button", name="Sign out").click()
    page.goto(link)

    expect(page.get_by_role("alert")).to_contain_text("each works once")
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_who_is_not_signed_in_is_asked_and_brought_back(a_page: APage, site: Site) -> None:
    page = a_page(None)

    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "token" in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_of_signing_in_keep_nobody_out(a_page: APage, site: Site, dark: bool) -> None:
    page = a_page(None, size=PHONE, dark=dark)

    for path in ("/sign-in", site.link_for("ben"), "/sign-in/unknown", "/nowhere"):
        page.goto(path)
        assert barriers(page) == [], path
        assert overflow(page) == 0

"""The page that describes the API, under the policy of all pages."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

APage = Callable[..., Page]


def test_page_describes_every_route_and_breaks_no_policy(a_page: APage) -> None:
    page = a_page(None)

    page.goto("/docs")

    expect(page.get_by_role("heading", level=1)).to_have_text("The API")
    operation = page.locator("#api .opblock", has_text="/api/v1/submissions/{submission}/events")
    operation.get_by_role("button").first.click()
    expect(operation).to_contain_text("Follow a run")


def test_page_without_scripts_says_where_the_description_is(a_page: APage) -> None:
    page = a_page(None, scripts=False)

    page.goto("/docs")

    expect(page.get_by_role("link", name="/openapi.json")).to_be_visible()

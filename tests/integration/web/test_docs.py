"""The page that describes the API loads nothing from elsewhere."""

import re
from collections.abc import Callable

from httpx import Client

Clients = Callable[..., Client]


def test_page_and_all_that_it_loads_are_ours(client_of: Clients) -> None:
    client = client_of(None)

    page = client.get("/docs")

    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page.text)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    assert {client.get(address).status_code for address in loaded} == {200}
    assert "://" not in page.text


def test_description_is_where_the_page_looks_for_it(client_of: Clients) -> None:
    client = client_of(None)

    script = client.get("/static/docs.js").text

    assert 'url: "/openapi.json"' in script
    assert client.get("/openapi.json").json()["info"]["title"] == "grader"


def test_courses_are_ones_own(client_of: Clients) -> None:
    body = client_of("ann").get("/api/v1/courses").json()

    assert body == {"items": [{"name": "demo", "assignments": ["hw4"]}], "next": None}

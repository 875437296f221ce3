"""Makes pages from templates: the one place that knows Jinja, and what every page is given."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.domain.text import one_line, printable
from grader.web.pages.addresses import (
    assignment_link,
    gradebook_link,
    hand_in_link,
    rerun_link,
    reruns_link,
    roster_link,
    safe_path,
    student_link,
)
from grader.web.pages.flash import drop_message, message_of
from grader.web.pages.sources import source_link
from grader.web.site import address_of
from grader.web.static_files import has_scripts, static_url
from grader.web.visits import Visit

# Nothing inline and nothing from elsewhere: text that slips out as markup finds nothing to run.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    # With "no-referrer" a browser hides the origin of our own forms, which we look at.
    "Referrer-Policy": "same-origin",
}

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["static"] = static_url
_environment.globals["has_scripts"] = has_scripts
_environment.globals["assignment_link"] = assignment_link
_environment.globals["gradebook_link"] = gradebook_link
_environment.globals["hand_in_link"] = hand_in_link
_environment.globals["student_link"] = student_link
_environment.globals["roster_link"] = roster_link
_environment.globals["rerun_link"] = rerun_link
_environment.globals["reruns_link"] = reruns_link
_environment.globals["source_link"] = source_link
_environment.filters["printable"] = printable
_environment.filters["one_line"] = one_line


def page(
    request: Request, template: str, status: int = HTTPStatus.OK, /, **context: object
) -> HTMLResponse:
    """Return a page made from a template that extends `base.html`.

    Every template knows `identity` (who is signed in, or none), `csrf_token` (for each form that
    is sent by POST) and `flash` (a sentence that the page before left, or an empty one).
    """
    response = HTMLResponse(_rendered(request, template, context), status, _HEADERS)
    drop_message(request, response)
    return response


def part(template: str, **context: object) -> str:
    """Return a part of a page that knows only what it is given."""
    return _environment.get_template(template).render(context)


def error_page(request: Request, status: int, detail: str) -> HTMLResponse:
    """Return the page that tells what went wrong, and what to do."""
    title = HTTPStatus(status).phrase
    return page(request, "error.html", status, title=title, detail=detail, back=_way_back(request))


def _way_back(request: Request) -> str:
    """Return the page of ours that led here, or nothing where it is none, or this one."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    here = came_from.netloc in (request.headers.get("Host"), urlsplit(address_of(request)).netloc)
    return path if here and came_from.path != request.url.path and safe_path(path) != "/" else ""


def _rendered(request: Request, template: str, context: dict[str, object]) -> str:
    visit: Visit | None = getattr(request.state, "visit", None)
    common = {
        "identity": visit and visit.identity,
        "csrf_token": visit.csrf_token if visit else "",
        "flash": message_of(request),
    }
    return _environment.get_template(template).render(common | context)

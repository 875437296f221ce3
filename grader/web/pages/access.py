"""Who visits a page: known, and their form known to be ours, before the page is asked for."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from grader.domain.people import Identity
from grader.errors import NotAllowed
from grader.web.access import service_of
from grader.web.gate import passing
from grader.web.pages.addresses import safe_path
from grader.web.pages.flash import redirect
from grader.web.visits import (
    CSRF_HEADER,
    SAFE_METHODS,
    Visit,
    begin_visit,
    keep_stranger,
    refuse_foreign,
    refuse_without_token,
)
from grader.workflow.service import Service


@dataclass(frozen=True)
class PageAccess:
    """The service, who visits, and the token for the forms of the page."""

    service: Service
    identity: Identity
    csrf_token: str


class PageRoute(APIRoute):
    """A page for anybody. What is sent to it must come from our own form.

    A form carries the token in the field `csrf_token`, a script in the header `X-CSRF-Token`.
    """

    for_strangers = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the questions who visits, and by whose form, before the handling."""
        handle = super().get_route_handler()

        async def handle_visit(request: Request) -> Response:
            visit = await run_in_threadpool(begin_visit, request, service_of(request))
            request.state.visit = visit
            if visit.identity is None and not self.for_strangers:
                return _to_sign_in(request)
            with passing(request, visit.identity) if visit.identity else nullcontext():
                if request.method not in SAFE_METHODS:
                    await _refuse_what_is_not_ours(request, visit)
                response = await handle(request)
            if visit.identity is None:
                keep_stranger(request, response, visit)
            return response

        return handle_visit


class SignedInPageRoute(PageRoute):
    """A page for who is signed in; strangers are sent to sign in, and brought back."""

    for_strangers = False


def visit_of(request: Request) -> Visit:
    """Return the visit that the route has begun."""
    visit: Visit = request.state.visit
    return visit


def _page_access(request: Request) -> PageAccess:
    visit = visit_of(request)
    if visit.identity is None:
        raise AssertionError("a page for who is signed in needs a SignedInPageRoute")
    return PageAccess(service_of(request), visit.identity, visit.csrf_token)


SignedInPage = Annotated[PageAccess, Depends(_page_access)]


async def _refuse_what_is_not_ours(request: Request, visit: Visit) -> None:
    refuse_foreign(request)
    given: object = request.headers.get(CSRF_HEADER)
    if given is None:
        given = (await request.form()).get("csrf_token")
    try:
        refuse_without_token(visit, given)
    except NotAllowed:
        await request.close()  # its files, which nobody will read
        raise


def _to_sign_in(request: Request) -> Response:
    # What was sent is not sent again: after signing in, one starts from the first page.
    path = request.url.path
    if request.url.query:
        path += f"?{request.url.query}"
    back = safe_path(path) if request.method in SAFE_METHODS else "/"
    to = "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='/')}"
    if "HX-Request" in request.headers:
        # A part of a page was asked for: the whole page must go there.
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    return redirect(request, to)

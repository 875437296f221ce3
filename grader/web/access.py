"""Who asks: known before a byte of the body is read."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from grader.domain.people import Identity
from grader.web.gate import passing
from grader.web.visits import (
    CSRF_HEADER,
    SAFE_METHODS,
    begin_visit,
    refuse_foreign,
    refuse_without_token,
)
from grader.workflow.people import authenticate
from grader.workflow.service import Service

_bearer = HTTPBearer(auto_error=False, description="A token made by `grader token create`.")


@dataclass(frozen=True)
class Access:
    """The service, and who asks it."""

    service: Service
    identity: Identity


class SignedInRoute(APIRoute):
    """A route for holders of a token, and for the scripts of our pages.

    A browser sends its session by itself, whoever made it ask: so a session alone is good for
    reading, and to change anything a script of ours says the page's token in `X-CSRF-Token`.
    The framework reads a body before it asks dependencies; strangers shall not send us 64 MiB.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the question who asks before the handling."""
        handle = super().get_route_handler()

        async def handle_known(request: Request) -> Response:
            request.state.identity = await run_in_threadpool(_who_asks, request)
            with passing(request, request.state.identity):
                return await handle(request)

        return handle_known


def service_of(request: Request) -> Service:
    """Return the service that the app was made with."""
    service: Service = request.app.state.service
    return service


def _who_asks(request: Request) -> Identity:
    service = service_of(request)
    header = request.headers.get("Authorization")
    if header is None:
        visit = begin_visit(request, service)
        if visit.identity:
            if request.method not in SAFE_METHODS:
                refuse_foreign(request)
                refuse_without_token(visit, request.headers.get(CSRF_HEADER))
            return visit.identity
    scheme, _, secret = (header or "").partition(" ")
    return authenticate(service, secret.strip() if scheme.lower() == "bearer" else None)


async def _access(request: Request, _documented: Annotated[object, Depends(_bearer)]) -> Access:
    return Access(service_of(request), request.state.identity)


TheService = Annotated[Service, Depends(service_of)]
SignedIn = Annotated[Access, Depends(_access)]

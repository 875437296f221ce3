"""Signing in, by a link that works once or by a token, and signing out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from grader.errors import NotFound, NotSignedIn
from grader.web.access import TheService
from grader.web.failed_sign_ins import FailedSignIns
from grader.web.pages.access import (
    PageRoute,
    SignedInPage,
    SignedInPageRoute,
    visit_of,
)
from grader.web.pages.addresses import safe_path
from grader.web.pages.flash import redirect
from grader.web.pages.rendering import page
from grader.web.visits import drop_session, keep_session
from grader.workflow.sign_in import read_link, sign_in_by_link, sign_in_by_token, sign_out

_LONGEST = 4000
_MOST_BYTES = 64 << 10  # strangers shall not send us what only an upload may weigh
Next = Annotated[str, Query(alias="next", max_length=_LONGEST)]
Text = Annotated[str, Form(max_length=_LONGEST)]

router = APIRouter(route_class=PageRoute, include_in_schema=False)
signed_in = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)


@router.get("/sign-in")
def ask(request: Request, back: Next = "/") -> Response:
    """Ask for a token, and say where links come from."""
    if visit_of(request).identity:
        return redirect(request, safe_path(back))
    return page(request, "sign_in.html", back=safe_path(back), trouble="")


@router.post("/sign-in", max_body_size=_MOST_BYTES)
def by_token(request: Request, service: TheService, token: Text = "", back: Text = "/") -> Response:
    """Sign in by a token."""
    try:
        secret = sign_in_by_token(service, token.strip(), _previous(request))
    except NotSignedIn as error:
        _slow_down(request)
        return _asked_again(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error), back)
    response = redirect(request, safe_path(back), "You are signed in.")
    keep_session(request, response, secret)
    return response


@router.get("/sign-in/{secret}")
def show_link(request: Request, service: TheService, secret: str) -> Response:
    """Show whom a link signs in; programs that look into messages use none up."""
    try:
        identity = read_link(service, secret)
    except NotFound as error:
        _slow_down(request)
        return _no_link(request, error)
    return page(request, "sign_in_link.html", secret=secret, whom=identity)


@router.post("/sign-in/{secret}", max_body_size=_MOST_BYTES)
def by_link(request: Request, service: TheService, secret: str) -> Response:
    """Sign in by a link and use it up."""
    try:
        session = sign_in_by_link(service, secret, _previous(request))
    except NotFound as error:
        _slow_down(request)
        return _no_link(request, error)
    response = redirect(request, "/", "You are signed in.")
    keep_session(request, response, session)
    return response


@signed_in.post("/sign-out", max_body_size=_MOST_BYTES)
def end(request: Request, access: SignedInPage) -> Response:
    """Sign out, here and with every copy of the cookie."""
    sign_out(access.service, visit_of(request).secret)
    response = redirect(request, "/sign-in", "You are signed out.")
    drop_session(request, response)
    return response


def _no_link(request: Request, error: NotFound) -> Response:
    if visit_of(request).identity:
        # Who opens the link in an old message again wants to be signed in, and is.
        return redirect(request, "/", "That link does not work any more; you are signed in.")
    return _asked_again(request, HTTPStatus.NOT_FOUND, str(error), "/")


def _asked_again(request: Request, status: int, trouble: str, back: str) -> Response:
    return page(request, "sign_in.html", status, back=safe_path(back), trouble=trouble)


def _previous(request: Request) -> str | None:
    visit = visit_of(request)
    return visit.secret if visit.identity else None


def _slow_down(request: Request) -> None:
    """Count a failure, or refuse where there were too many; what is valid never comes here.

    A whole lab may share one address: who guesses there must not keep the others out.
    """
    failures: FailedSignIns = request.app.state.failed_sign_ins
    address = request.client.host if request.client else ""
    failures.refuse(address)
    failures.count(address)

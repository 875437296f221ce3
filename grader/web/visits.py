"""A browser's visit: whose session its cookie names, and the token that our forms carry."""

import hmac
import secrets
from dataclasses import dataclass

from fastapi import Request, Response

from grader.domain.people import Identity
from grader.errors import NotAllowed
from grader.web import cookies
from grader.web.site import site_of
from grader.workflow.service import Service
from grader.workflow.sign_in import find_session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
_SESSION, _VISITOR = "grader_session", "grader_visitor"
_SECRET_BYTES = 32
_SESSION_SECONDS = 30 * 86400  # the longest that a session can last; the database decides
_STALE = "This form is too old, or this site may not keep cookies: reload the page and try again."
_FOREIGN = "This was sent by a page of another site: send it from our own."


@dataclass(frozen=True)
class Visit:
    """Who is signed in, if anybody; `secret` is the cookie's, `csrf_token` goes into forms."""

    identity: Identity | None
    secret: str
    csrf_token: str


def begin_visit(request: Request, service: Service) -> Visit:
    """Return the visit that a request's cookies tell of; a stranger's may be new."""
    session = cookies.kept(request, _SESSION)
    if session and (identity := find_session(service, session)):
        return Visit(identity, session, _csrf_token(request, session))
    stranger = cookies.kept(request, _VISITOR) or secrets.token_urlsafe(_SECRET_BYTES)
    return Visit(None, stranger, _csrf_token(request, stranger))


def keep_session(request: Request, response: Response, secret: str) -> None:
    """Let the browser keep a new session, and nothing of the visit before it."""
    cookies.keep(request, response, _SESSION, secret, _SESSION_SECONDS)
    cookies.drop(request, response, _VISITOR)


def keep_stranger(request: Request, response: Response, visit: Visit) -> None:
    """Let the browser keep what ties our forms to a stranger."""
    if cookies.kept(request, _VISITOR) != visit.secret:
        cookies.keep(request, response, _VISITOR, visit.secret, None)


def drop_session(request: Request, response: Response) -> None:
    """Let the browser forget its session."""
    cookies.drop(request, response, _SESSION)


def refuse_foreign(request: Request) -> None:
    """Refuse what a page of another site made the browser send.

    Raises:
        NotAllowed: the browser says that it did.
    """
    # No script can forge either. Browsers send the first over https and to their own machine only.
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed(_FOREIGN)
    origin = request.headers.get("Origin")
    ours = {request.headers.get("Host", ""), _host(site_of(request).base_url)} - {""}
    if origin is not None and _host(origin) not in ours:
        raise NotAllowed(_FOREIGN)


def refuse_without_token(visit: Visit, given: object) -> None:
    """Refuse an unsafe request that does not carry the visit's token.

    Raises:
        NotAllowed: it carries none, or another.
    """
    sent = given.encode() if isinstance(given, str) else b""
    if not hmac.compare_digest(sent, visit.csrf_token.encode()):
        raise NotAllowed(_STALE)


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0]


def _csrf_token(request: Request, secret: str) -> str:
    # Derived and not kept: it is as secret as the cookie, and does not tell it.
    return site_of(request).signature("csrf", secret)

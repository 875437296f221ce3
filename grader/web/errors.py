"""What went wrong, as problem+json (RFC 9457) or as a page: one table from errors to statuses."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from grader.errors import (
    Conflict,
    GraderError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Overloaded,
    SandboxUnavailable,
    StorageUnavailable,
    TooOften,
    UploadRefused,
    UsageError,
)
from grader.web.access import service_of
from grader.web.mistakes import unreadable_form, upload_mistake, wrong_value
from grader.web.pages.rendering import error_page
from grader.web.visits import begin_visit

log = logging.getLogger(__name__)

# The first that fits, so the narrower stand before the wider.
_STATUSES: tuple[tuple[type[GraderError], HTTPStatus], ...] = (
    (TooOften, HTTPStatus.TOO_MANY_REQUESTS),
    (UploadRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (Overloaded, HTTPStatus.SERVICE_UNAVAILABLE),
    (StorageUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (SandboxUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (GraderError, HTTPStatus.INTERNAL_SERVER_ERROR),
)
_REFUSALS = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "zip_bomb": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "late": HTTPStatus.FORBIDDEN,
    "not_open": HTTPStatus.FORBIDDEN,
    "not_a_zip": HTTPStatus.BAD_REQUEST,
}
_RETRY_SECONDS = 5
_STORAGE = (
    "What is asked cannot be stored or looked up just now, and nothing was half-stored: try again "
    "in a minute. It is our fault and has been logged."
)
_OURS = "This is our fault and has been logged. Nothing was half-stored: try again."


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401
) -> JSONResponse:
    """Return a problem document; `more` are further members of it."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let every error of `app` be answered as a problem, or to a browser as a page."""
    app.add_exception_handler(GraderError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


def status_of(error: GraderError) -> HTTPStatus:
    """Return the status that an error is answered with."""
    if isinstance(error, UploadRefused) and error.reason in _REFUSALS:
        return _REFUSALS[error.reason]
    return next(status for kind, status in _STATUSES if isinstance(error, kind))


def _on_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, GraderError):
        raise error
    status = status_of(error)
    if isinstance(error, Overloaded):
        log.warning("request put off", extra={"why": str(error)})
        return _answer(request, status, str(error), {"Retry-After": str(error.retry_after)})
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", exc_info=error)
        headers = {"Retry-After": str(_RETRY_SECONDS)} if status == 503 else None
        said = _STORAGE if isinstance(error, StorageUnavailable) else _OURS
        return _answer(request, status, said, headers)
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(error.retry_after)
    more = {"reason": error.reason} if isinstance(error, UploadRefused) else {}
    return _answer(request, status, str(error), headers, **more)


def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    # Without the values sent: they may be megabytes, and not even text.
    errors = [
        {"at": ".".join(map(str, found["loc"])), "message": wrong_value(found)}
        for found in error.errors()
    ]
    if mistake := upload_mistake(request, error):
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, mistake, reason="no_files")
    detail = " ".join(found["message"] for found in errors)
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = str(error.detail)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        detail = unreadable_form(request, detail)
    if error.status_code == HTTPStatus.NOT_FOUND and _wants_page(request):
        _know_visitor(request)
    return _answer(request, error.status_code, detail, error.headers)


def _on_unexpected(request: Request, error: Exception) -> Response:
    log.error("request failed unexpectedly", exc_info=error)
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, _OURS)


def _answer(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401
) -> Response:
    if not _wants_page(request):
        return problem(status, detail, headers, **more)
    response = error_page(request, status, detail)
    response.headers.update(headers or {})
    return response


def _know_visitor(request: Request) -> None:
    """Find out who asks for an address that no route has: whose page it is shows who one is."""
    if not hasattr(request.state, "visit"):
        with suppress(StorageUnavailable):
            request.state.visit = begin_visit(request, service_of(request))


def _wants_page(request: Request) -> bool:
    for_programs = request.url.path.startswith("/api/")
    return not for_programs and "text/html" in request.headers.get("Accept", "")

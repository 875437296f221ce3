"""Cookies that no script reads, no foreign form sends and, under https, no other host sets."""

from fastapi import Request, Response

from grader.web.site import site_of


def kept(request: Request, name: str) -> str:
    """Return what the browser keeps under a name, else an empty text."""
    return request.cookies.get(_full_name(request, name), "")


def keep(request: Request, response: Response, name: str, value: str, lasts: int | None) -> None:
    """Let the browser keep a value for so many seconds, or for as long as it runs."""
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=lasts,
        path="/",
        httponly=True,
        samesite="lax",  # a link in a message must find its reader signed in
        secure=_is_secure(request),
    )


def drop(request: Request, response: Response, name: str) -> None:
    """Let the browser forget what it keeps under a name."""
    response.delete_cookie(
        _full_name(request, name),
        path="/",
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def _full_name(request: Request, name: str) -> str:
    # Under the prefix a browser takes it over https only, and from no other host of the domain.
    return f"__Host-{name}" if _is_secure(request) else name


def _is_secure(request: Request) -> bool:
    """Return whether users reach us by https, perhaps through a proxy."""
    return (site_of(request).base_url or str(request.url)).startswith("https:")

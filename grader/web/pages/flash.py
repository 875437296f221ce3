"""A sentence for the next page, in a cookie that we sign: nobody else writes on our pages."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from grader.web import cookies
from grader.web.site import site_of

_NAME = "grader_flash"
_SECONDS = 60


def redirect(request: Request, url: str, message: str = "") -> RedirectResponse:
    """Send the browser to another page of ours, which shows `message` at its top, once."""
    response = RedirectResponse(url, status_code=303)
    if message:
        text = urlsafe_b64encode(message.encode()).decode()
        signature = site_of(request).signature("flash", text)
        cookies.keep(request, response, _NAME, f"{text}.{signature}", _SECONDS)
    return response


def message_of(request: Request) -> str:
    """Return the sentence that the page before left, else an empty one."""
    text, _, signature = cookies.kept(request, _NAME).partition(".")
    right = site_of(request).signature("flash", text)
    if not hmac.compare_digest(signature.encode(), right.encode()):
        return ""
    return urlsafe_b64decode(text).decode()


def drop_message(request: Request, response: Response) -> None:
    """Let the browser forget the sentence, now that it is shown."""
    if cookies.kept(request, _NAME):
        cookies.drop(request, response, _NAME)

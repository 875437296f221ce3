"""What the web application knows of itself."""

import hashlib
import hmac
from dataclasses import dataclass

from fastapi import Request


@dataclass(frozen=True)
class Site:
    """The key that signs what browsers hand back, and the address that users see, where known."""

    signing_key: str
    base_url: str = ""

    def signature(self, purpose: str, text: str) -> str:
        """Return the signature of a text for one purpose, which is good for no other."""
        signed = f"{purpose}\0{text}".encode()
        return hmac.new(self.signing_key.encode(), signed, hashlib.sha256).hexdigest()


def site_of(request: Request) -> Site:
    """Return the site that the app was made with."""
    site: Site = request.app.state.site
    return site


def address_of(request: Request) -> str:
    """Return the address that users see, as far as it is known, without a slash at its end."""
    return (site_of(request).base_url or str(request.base_url)).rstrip("/")

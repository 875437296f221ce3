"""Files of pages, at addresses that change with their content, so that browsers keep them."""

import hashlib
import os
from functools import cache
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

FOLDER = Path(__file__).with_name("static")
_DIGITS = 16
_KEEP = "public, max-age=31536000, immutable"
_ASK = "no-cache"  # may be kept, but not be used unasked


class StaticFilesByHash(StaticFiles):
    """Serves the folder; what was asked for by its content's hash may be kept for a year."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file, and how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = scope["query_string"] == f"v={_version(Path(full_path))}".encode()
        response.headers["Cache-Control"] = _KEEP if asked else _ASK
        return response


def static_url(name: str) -> str:
    """Return the address of a file, which tells its content apart from any earlier one."""
    return f"/static/{name}?v={_version(FOLDER / name)}"


@cache
def has_scripts() -> bool:
    """Return whether set-up could fetch what makes pages live; they work without."""
    return (FOLDER / "vendor" / "htmx.js").exists() and (FOLDER / "vendor" / "sse.js").exists()


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]

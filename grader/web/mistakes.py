"""What a request for uploading most likely got wrong, and the line that does it."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError

_LINE = "with curl: -F files=@loss.py, once for each file, or -F files=@homework.zip"


def unreadable_form(request: Request, detail: str) -> str:
    """Return what to do where an upload's form cannot be read, else `detail` as it is."""
    if not _is_upload_route(request):
        return detail
    return f"The form cannot be read ({detail.rstrip('.')}): let your tool make it; {_LINE}."


def upload_mistake(request: Request, error: RequestValidationError) -> str | None:
    """Return what to do where no file arrived; None where it is something else."""
    if not _is_upload_route(request):
        return None
    wrong = [found for found in error.errors() if tuple(found["loc"][:2]) == ("body", "files")]
    if not wrong:
        return None
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return f"No form with files arrived: send the files as a form; {_LINE}."
    if any(found["type"] == "missing" for found in wrong):
        return f"The form has no field named files: each file goes into one of that name; {_LINE}."
    return f"The field files holds text and not a file: an @ goes before its name; {_LINE}."


def _is_upload_route(request: Request) -> bool:
    return request.method == "POST" and request.url.path.endswith("/submissions")

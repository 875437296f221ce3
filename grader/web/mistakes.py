"""What a request for uploading most likely got wrong, and the line that does it."""

from collections.abc import Mapping
from typing import Any

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


def wrong_value(found: Mapping[str, Any]) -> str:
    """Return a sentence on what the framework found wrong with one value."""
    name = str(found["loc"][-1])
    limits = found.get("ctx", {})
    match found["type"]:
        case "missing":
            return f"{name} is missing."
        case "int_parsing" | "int_from_float" | "int_parsing_size":
            return f"{name} must be a whole number."
        case "float_parsing" | "finite_number":
            return f"{name} must be a number."
        case "greater_than_equal":
            return f"{name} must be at least {limits['ge']:g}."
        case "less_than_equal":
            return f"{name} must be at most {limits['le']:g}."
        case "string_too_short":
            return f"{name} must have at least {limits['min_length']} characters."
        case "string_too_long":
            return f"{name} must have at most {limits['max_length']} characters."
        case "string_pattern_mismatch":
            return f"{name} has a character that it may not have, or too many."
        case "enum":
            return f"{name} must be {limits['expected']}."
    return f"{name}: {str(found['msg']).rstrip('.')}."


def _is_upload_route(request: Request) -> bool:
    return request.method == "POST" and request.url.path.endswith("/submissions")

"""Files that a browser saves, under names that it can have."""

from urllib.parse import quote

from fastapi import Response


def csv_file(text: str, name: str) -> Response:
    """Return a CSV to be saved as `name`; nobody on the way may keep it."""
    plain = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in name[:-4]
    )
    names = f"filename=\"{plain}.csv\"; filename*=UTF-8''{quote(name)}"  # RFC 6266
    headers = {
        "Content-Disposition": f"attachment; {names}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")

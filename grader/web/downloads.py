"""Files that a browser saves, under names that it can have."""

from urllib.parse import quote

from fastapi import Response


def csv_file(text: str, name: str) -> Response:
    """Return a CSV to be saved as `name`."""
    plain = "".join(letter if _is_plain(letter) else "-" for letter in name)
    names = f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"  # RFC 6266
    headers = {"Content-Disposition": f"attachment; {names}"}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


def _is_plain(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter in "-_.")

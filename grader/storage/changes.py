"""How many rows a statement changed: what tells whether a fenced write took place."""

from typing import Any

from sqlalchemy import CursorResult, Result


def rows_changed(result: Result[Any]) -> int:
    """Return the number of rows that an UPDATE or DELETE matched."""
    if not isinstance(result, CursorResult):
        raise TypeError("only UPDATE and DELETE change rows")
    return result.rowcount

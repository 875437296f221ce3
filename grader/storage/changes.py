"""Writes that must know what they did: whether a row was new, or how many rows were changed."""

from contextlib import suppress
from typing import Any

from sqlalchemy import CursorResult, Result
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.storage.tables import Table


def add_unless_there(session: Session, row: Table) -> None:
    """Insert a row, unless another transaction did so first."""
    with suppress(IntegrityError), session.begin_nested():
        session.add(row)


def rows_changed(result: Result[Any]) -> int:
    """Return the number of rows that an UPDATE or DELETE matched."""
    if not isinstance(result, CursorResult):
        raise TypeError("only UPDATE and DELETE change rows")
    return result.rowcount

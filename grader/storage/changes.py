"""Writes that know what was there, or what they did."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Result, TableClause, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.storage.tables import Table


def insert_into(table: type[Table]) -> Insert:
    """Return the statement that inserts rows without the ORM's account of each: 4 times faster."""
    return insert(_plain(table))


def insert_unless_there(
    session: Session, table: type[Table], rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert rows, but for those that are there, perhaps by another transaction a moment ago."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    new = (sqlite if on_sqlite else postgresql).insert(_plain(table))
    session.execute(new.on_conflict_do_nothing(), rows)


def rows_changed(result: Result[Any]) -> int:
    """Return the number of rows that an UPDATE or DELETE matched."""
    if not isinstance(result, CursorResult):
        raise TypeError("only UPDATE and DELETE change rows")
    return result.rowcount


def _plain(table: type[Table]) -> TableClause:
    return cast(TableClause, table.__table__)

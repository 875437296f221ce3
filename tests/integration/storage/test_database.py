"""Both databases: what fails is told, and tells nothing of what was to be kept."""

import secrets
import traceback
from pathlib import Path

import pytest
from sqlalchemy import text

from grader.errors import StorageUnavailable
from grader.storage.database import Database


def test_statement_that_fails_tells_nothing_of_what_it_was_to_write(database: Database) -> None:
    words = secrets.token_hex()  # not literally in the lines that a traceback quotes
    statement = text("INSERT INTO no_such_table VALUES (:words)")

    with pytest.raises(StorageUnavailable) as failed, database.writing() as session:
        session.execute(statement, {"words": words})

    logged = "".join(traceback.format_exception(failed.value))
    assert "no_such_table" in logged
    assert words not in logged


@pytest.mark.parametrize(
    ("lasting", "level"), [pytest.param(True, 2, id="full"), pytest.param(False, 1, id="normal")]
)
def test_what_must_last_waits_for_the_disk_whatever_the_connection_did_before(
    tmp_path: Path, lasting: bool, level: int
) -> None:
    database = Database(f"sqlite:///{tmp_path}/grader.db")
    with database.writing(lasting=not lasting) as session:
        session.execute(text("CREATE TABLE kept (number INTEGER)"))

    with database.writing(lasting=lasting) as session:
        found = session.scalar(text("PRAGMA synchronous"))

    database.close()
    assert found == level


def test_writing_lasts_unless_it_is_told_not_to(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/grader.db")

    with database.writing() as session:
        found = session.scalar(text("PRAGMA synchronous"))

    database.close()
    assert found == 2

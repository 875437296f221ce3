"""Both databases: what fails is told, and tells nothing of what was to be kept."""

import secrets
import traceback

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

"""Both databases: what fails is told, and tells nothing of what was to be kept."""

import secrets
import traceback
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from grader.errors import NotFound, StorageRefusal, StorageUnavailable
from grader.storage.database import Database
from grader.storage.tables import CourseRow


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


def test_file_is_read_by_every_thread_at_once(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/grader.db")
    with ExitStack() as readers:
        sessions = [readers.enter_context(database.reading()) for _ in range(60)]

        found = [session.scalar(text("SELECT 1")) for session in sessions]

    database.close()
    assert found == [1] * 60


def test_what_a_database_does_not_take_is_told_from_one_that_is_not_there(
    database: Database,
) -> None:
    no_name = insert(CourseRow).values(name=None, title="")

    with pytest.raises(StorageRefusal), database.writing() as session:
        session.execute(no_name)


def test_what_can_be_nowhere_is_not_found(postgresql: Database) -> None:
    with pytest.raises(NotFound), postgresql.reading() as session:
        session.scalar(text("SELECT id FROM person WHERE name = :name"), {"name": "a\0b"})

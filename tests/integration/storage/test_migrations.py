"""Migrations, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import event, inspect

from grader.storage import migrations
from grader.storage.database import Database
from grader.storage.tables import Table

_COMPARISON = {"compare_server_default": True, "include_name": migrations.is_ours}
_OF_BEFORE_TURNS = (
    "INSERT INTO course (id, name, title) VALUES (1, 'demo', 'Demo')",
    "INSERT INTO assignment (id, course_id, name, title) VALUES (1, 1, 'hw4', 'HW4')",
    "INSERT INTO person (id, name) VALUES (1, 'ann')",
    "INSERT INTO submission (id, assignment_id, person_id, attempt, late, created_at, warnings)"
    " VALUES (1, 1, 1, 1, false, '2026-11-24 12:00:00+00:00', '[]')",
    "INSERT INTO run (id, submission_id, number, trigger, priority, suite_version, seed,"
    " asked_cases, status, tries, failures, queued_at, notes, error) VALUES"
    " (1, 1, 1, 'upload', 0, 'a', 1, '[]', 'queued', 0, 0, '2026-11-24 12:00:00+00:00', '[]', ''),"
    " (2, 1, 2, 'upload', 0, 'a', 1, '[]', 'queued', 0, 0, '2026-11-24 12:00:00+00:00', '[]', '')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database that nothing was done to."""
    url = f"sqlite:///{tmp_path}/grader.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    opened = Database(url)
    yield opened
    opened.close()


def test_migrated_database_has_exactly_the_tables_of_the_models(empty_database: Database) -> None:
    migrations.migrate(empty_database)

    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=_COMPARISON)
        differences = compare_metadata(context, Table.metadata)
    assert differences == []


def test_migrations_go_up_down_to_nothing_and_up_again(empty_database: Database) -> None:
    current = [migrations.is_current(empty_database)]
    for revision in ("head", "base", "head"):
        migrations.migrate(empty_database, revision)
        current.append(migrations.is_current(empty_database))

    assert current == [False, True, False, True]


def test_nothing_but_the_record_of_migrations_is_left_when_down(empty_database: Database) -> None:
    migrations.migrate(empty_database)

    migrations.migrate(empty_database, "base")

    assert inspect(empty_database.engine).get_table_names() == ["alembic_version"]


def test_jobs_are_gone_from_postgresql_when_down(postgres_url: str) -> None:
    database = Database(postgres_url)
    migrations.migrate(database)

    migrations.migrate(database, "base")

    with database.engine.connect() as connection:
        for catalogue in ("pg_proc WHERE proname", "pg_type WHERE typname"):
            left = connection.exec_driver_sql(f"SELECT count(*) FROM {catalogue} ~ 'procrastinate'")  # noqa: S608
            assert left.scalar_one() == 0
    database.close()


def test_library_of_jobs_has_no_migration_that_ours_lacks() -> None:
    theirs = max(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))

    assert theirs == "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def test_migrating_twice_changes_nothing(empty_database: Database) -> None:
    for _ in range(2):
        migrations.migrate(empty_database)

    assert migrations.is_current(empty_database)


def test_runs_that_waited_before_there_were_turns_have_the_first(empty_database: Database) -> None:
    migrations.migrate(empty_database, "0003")
    with empty_database.engine.begin() as connection:
        for statement in _OF_BEFORE_TURNS:
            connection.exec_driver_sql(statement)

    migrations.migrate(empty_database)
    with empty_database.engine.connect() as connection:
        after = connection.exec_driver_sql("SELECT id, turn FROM run ORDER BY id").all()
    migrations.migrate(empty_database, "0003")

    with empty_database.engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT id, status FROM run ORDER BY id").all()
    assert [tuple(row) for row in after] == [(1, 0), (2, 0)]
    assert [tuple(row) for row in left] == [(1, "queued"), (2, "queued")]


def test_migration_that_is_interrupted_leaves_nothing_behind(
    empty_database: Database,
) -> None:
    def interrupt(*arguments: object) -> None:
        if "CREATE TABLE run " in str(arguments[2]):
            raise KeyboardInterrupt

    event.listen(empty_database.engine, "before_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt):
        migrations.migrate(empty_database)
    event.remove(empty_database.engine, "before_cursor_execute", interrupt)
    left = inspect(empty_database.engine).get_table_names()
    migrations.migrate(empty_database)

    assert left == []
    assert migrations.is_current(empty_database)

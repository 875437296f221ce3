"""Migrations, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from grader.storage import migrations
from grader.storage.database import Database
from grader.storage.tables import Table
from sqlalchemy import inspect


def test_migrated_database_has_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, Table.metadata)

    assert differences == []


def test_migrations_go_down_to_nothing_and_up_again(database: Database) -> None:
    migrations.migrate(database, "base")
    left = inspect(database.engine).get_table_names()
    current_when_down = migrations.is_current(database)
    migrations.migrate(database)

    assert left == ["alembic_version"]
    assert not current_when_down
    assert migrations.is_current(database)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrations.migrate(database)

    assert migrations.is_current(database)

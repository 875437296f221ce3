"""Databases of both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.storage import migrations
from grader.storage.database import Database
from grader.storage.tables import Table
from tests.postgres import MISSING, PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start a private PostgreSQL."""
    if MISSING:
        pytest.skip(MISSING)
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database of the test's own."""
    with postgres_server.new_database("of_one_test") as url:
        yield url


@pytest.fixture(scope="session")
def _shared_postgres(postgres_server: PostgresServer) -> Iterator[Database]:
    with postgres_server.new_database("shared") as url:
        database = Database(url)
        migrations.migrate(database)
        yield database
        database.close()


@pytest.fixture
def postgresql(_shared_postgres: Database) -> Iterator[Database]:
    """Give a migrated, empty PostgreSQL."""
    yield _shared_postgres
    tables = ", ".join([*Table.metadata.tables, "procrastinate_jobs"])
    with _shared_postgres.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a migrated, empty database of each kind that we support."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql")
        return
    sqlite = Database(f"sqlite:///{tmp_path}/grader.db")
    migrations.migrate(sqlite)
    yield sqlite
    sqlite.close()

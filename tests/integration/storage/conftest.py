"""A migrated database of each kind that we support."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from grader.storage import migrations
from grader.storage.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/grader.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a migrated database."""
    opened = Database(database_url)
    migrations.migrate(opened)
    yield opened
    opened.close()

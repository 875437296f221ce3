"""Services and workers on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Ran
from tests.acceptance.reruns import write_doubling
from tests.acceptance.workers.machines import Machines
from tests.assignments import SUITE
from tests.postgres import MISSING, PostgresServer, running_postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL, which runs again at the end of each test."""
    if MISSING:
        pytest.skip(MISSING)
    with running_postgres() as server:
        yield server


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    """Give the folder of the small assignment."""
    folder = tmp_path / "reference" / "doubling"
    write_doubling(folder, SUITE)
    return folder


@pytest.fixture
def machines(
    postgres: PostgresServer,
    environment: dict[str, str],
    doubling: Path,
    grader: Callable[..., Ran],
    tmp_path: Path,
) -> Iterator[Machines]:
    """Give machines on a migrated database; what they started ends with the test."""
    environment["GRADER_REFERENCE_DIR"] = str(doubling.parent)
    with postgres.new_database("grader") as url:
        environment["GRADER_DATABASE_URL"] = url
        assert grader("migrate").exit == 0
        machines = Machines(postgres, environment, tmp_path)
        yield machines
        machines.stop()

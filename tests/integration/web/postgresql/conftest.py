"""The service of the API's tests, on PostgreSQL; clients and browsers are theirs."""

import pytest

from grader.storage.database import Database
from grader.workflow.service import Service
from tests.releases import a_service, no_suites


@pytest.fixture
def service(request: pytest.FixtureRequest, postgresql: Database) -> Service:
    """Give the service that these tests are given on SQLite."""
    changes = getattr(request, "param", {})
    return no_suites(postgresql) if changes is None else a_service(postgresql, **changes)

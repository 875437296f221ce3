"""A service without slots, and clients of it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from httpx import Client

from grader.domain.people import Grant, Role
from grader.storage import migrations
from grader.storage.database import Database
from grader.web.app import create_app
from grader.workflow.people import create_token
from grader.workflow.service import Service
from grader.workflow.sign_in import make_link, sign_in_by_link
from tests.releases import a_service, no_suites
from tests.serving import client_at, served


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "grader.db"
    database = Database(f"sqlite:///{path}")
    migrations.migrate(database)
    database.close()
    return path


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Service]:
    """Give a service of one assignment that takes partial uploads.

    A parameter changes what its `assignment.toml` says; None leaves the service without any.
    """
    database = Database(f"sqlite:///{shutil.copy(migrated, tmp_path)}")
    changes = getattr(request, "param", {})
    yield no_suites(database) if changes is None else a_service(database, **changes)
    database.close()


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    """Serve the application and give its URL."""
    with served(create_app(service)) as url:
        yield url


@pytest.fixture
def client_of(service: Service, url: str) -> Iterator[Callable[..., Client]]:
    """Give a function that makes a client with the token of a person, or without one."""
    with ExitStack() as stack:

        def client_of(name: str | None, role: Role = Role.STUDENT) -> Client:
            client = stack.enter_context(client_at(url))
            if name is not None:
                secret = create_token(service.database, name, role)
                client.headers["Authorization"] = f"Bearer {secret}"
            return client

        yield client_of


@pytest.fixture
def browser_of(service: Service, url: str) -> Iterator[Callable[..., Client]]:
    """Give a function that makes a browser in which a person is signed in, or nobody is.

    It goes where it is sent only when told to (`follow_redirects=True`).
    """
    with ExitStack() as stack:

        def browser_of(
            name: str | None, role: Role = Role.STUDENT, course: str | None = None
        ) -> Client:
            browser = stack.enter_context(client_at(url, Accept="text/html"))
            if name is not None:
                link = make_link(service.database, Grant(name, role, course))
                browser.cookies["grader_session"] = sign_in_by_link(service, link)
            return browser

        yield browser_of

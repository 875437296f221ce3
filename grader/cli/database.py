"""`grader migrate`, `token` and `sign-in-link`: what is done to the database by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click

from grader.cli.exits import Exit
from grader.config import Settings
from grader.domain.people import Grant, Role
from grader.errors import UsageError
from grader.storage import migrations
from grader.storage.database import Database
from grader.workflow import people
from grader.workflow.sign_in import make_link

_USUAL_URL = "http://127.0.0.1:8000"


def database_of(settings: Settings) -> Database:
    """Return the database of the settings, as it stands."""
    return Database(settings.database_url, settings.database_password)


def require_current(database: Database) -> None:
    """Refuse a database of another version.

    Raises:
        UsageError: it is not at the tables of this version.
    """
    if not migrations.is_current(database):
        raise UsageError("The database is not at this version: run `grader migrate` first.")


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Open the database of the settings and close it in the end.

    Raises:
        UsageError: it is not at the tables of this version.
    """
    database = database_of(settings)
    try:
        require_current(database)
        yield database
    finally:
        database.close()


def bring_up_to_date(settings: Settings) -> None:
    """Bring the database of the settings to the tables of this version."""
    database = database_of(settings)
    try:
        migrations.migrate(database)
    finally:
        database.close()


def migrate() -> Exit:
    """Bring the database to the tables of this version, and say so."""
    bring_up_to_date(Settings())
    click.echo("The database is at this version.", err=True)
    return Exit.DONE


def create_token(role: str, user: str, course: str | None) -> Exit:
    """Print a new token alone, so that a script can take it."""
    with open_database(Settings()) as database:
        click.echo(people.create_token(database, user, Role(role), course=course))
    return Exit.DONE


def make_sign_in_link(grant: Grant, hours: float, url: str | None) -> Exit:
    """Print a new link alone, so that a script can take it."""
    settings = Settings()
    where = settings.base_url or url
    with open_database(settings) as database:
        secret = make_link(database, grant, timedelta(hours=hours))
    if not where:
        hint = f"The link is for a service at {_USUAL_URL}: for another, give --url ADDRESS."
        click.echo(hint, err=True)
    click.echo(link_address(where or _USUAL_URL, secret))
    return Exit.DONE


def link_address(url: str, secret: str) -> str:
    """Return the address that a link's secret makes of the service's."""
    return f"{url.rstrip('/')}/sign-in/{secret}"


def revoke_token(secret: str | None, user: str | None) -> Exit:
    """Revoke a token, or all of a person."""
    with open_database(Settings()) as database:
        if secret is not None:
            revoked = people.revoke_token(database, secret)
        else:
            revoked = people.revoke_all_of(database, user or "")
    if not revoked:
        raise UsageError("There is no such token in force.")
    click.echo(f"Revoked: {revoked}.", err=True)
    return Exit.DONE

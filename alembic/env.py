"""Runs migrations on the connection handed in, or on the database of the settings."""

from alembic import context
from sqlalchemy import Connection

from grader.config import Settings
from grader.storage.database import Database
from grader.storage.migrations import is_ours
from grader.storage.tables import Table


def _run(connection: Connection) -> None:
    # SQLite cannot alter most of a table: Alembic then copies it, which foreign keys must not see.
    # The pragma does nothing within a transaction, hence the driver's own connection.
    sqlite = connection.dialect.name == "sqlite"
    driver = connection.connection.cursor()
    if sqlite:
        driver.execute("PRAGMA foreign_keys = OFF")
    # SQLite can take back a change of tables too: a start that is killed leaves no half of it.
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        include_name=is_ours,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if sqlite:
        driver.execute("PRAGMA foreign_keys = ON")


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    _run(handed_in)
else:
    settings = Settings()
    database = Database(settings.database_url, settings.database_password)
    with database.engine.connect() as opened:
        _run(opened)
    database.close()

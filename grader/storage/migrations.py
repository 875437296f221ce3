"""Bringing a database to the tables of this version, by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from grader.storage.database import Database, told_plainly

_SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`, or downgrade to it when it is `base` or an earlier one.

    Raises:
        StorageUnavailable: the database cannot be reached or written.
    """
    with told_plainly(), database.engine.connect() as connection:
        config = _config(connection)
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)


def is_current(database: Database) -> bool:
    """Return whether the database has the tables of this version."""
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        return context.get_current_revision() == ScriptDirectory(str(_SCRIPTS)).get_current_head()


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether our tables describe what stands in a database, for Alembic to compare."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

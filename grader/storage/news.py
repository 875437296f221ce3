"""What processes on one PostgreSQL tell each other at once; the tables stay the only truth."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from grader.errors import StorageUnavailable
from grader.storage import jobs
from grader.storage.database import Database

_CHANNEL = "grader_run"


@dataclass(frozen=True)
class RunQueued:
    """A run waits to be claimed."""


@dataclass(frozen=True)
class RunChanged:
    """A try at a run began or is over."""

    run_id: int


News = RunQueued | RunChanged


def tell(session: Session, run_id: int) -> None:
    """Tell, when this transaction is committed, that a try at a run began or is over."""
    if jobs.are_kept(session):
        session.execute(
            text("SELECT pg_notify(:channel, :run)"), {"channel": _CHANNEL, "run": str(run_id)}
        )


def listen(database: Database, seconds: float) -> Iterator[News | None]:
    """Yield None once others are heard, then what they tell, and None after `seconds` of silence.

    Raises:
        StorageUnavailable: the database cannot be reached any longer.
    """
    try:
        with closing(database.connect_alone()) as connection:
            for channel in (jobs.CHANNEL, _CHANNEL):
                connection.execute(
                    psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel))
                )
            yield None
            while True:
                for heard in connection.notifies(timeout=seconds):
                    yield (
                        RunQueued()
                        if heard.channel == jobs.CHANNEL
                        else RunChanged(int(heard.payload))
                    )
                yield None
    except psycopg.Error as error:
        raise StorageUnavailable(f"The database cannot be listened to: {error}") from error

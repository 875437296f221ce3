"""One database, SQLite or PostgreSQL, and its transactions."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from grader.errors import NotFound, StorageRefusal, StorageUnavailable

_BUSY_SECONDS = 10
# Each thread of the service needs one for moments; PostgreSQL takes 100 in all by default.
_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 10}
# A file may be open as often as there are threads, those that answer requests and ours. Who waits
# for a connection is passed by who comes later, and in the end told that all are in use.
_POOL_OF_A_FILE = {**_POOL, "max_overflow": 54}
# A statement that failed is logged; its parameters are what students wrote, and hashes of secrets.
_OPTIONS = {
    "hide_parameters": True,
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,  # several times faster than the standard library's
    **_POOL,
}
# libpq's: a server that is gone without a word is noticed in seconds, not in TCP's 15 minutes.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}


class Database:
    """Hands out transactions. On SQLite one writes at a time in this process."""

    def __init__(self, url: str, password: str = "") -> None:
        """Take the URL, and the password where it is not in there."""
        self.url = url
        self.engine = _engine(make_url(url).set(password=password) if password else make_url(url))
        self._writing_engine = self.engine.execution_options(writes=True, lasting=True)
        self._passing_engine = self.engine.execution_options(writes=True, lasting=False)
        # SQLite's own waiting is sleeping and trying again; a lock hands over at once.
        self._turn: AbstractContextManager[Any] = (
            threading.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and keeps nothing.

        Raises:
            StorageUnavailable: the database cannot be reached or read.
            NotFound: what is asked for can be nowhere, as a name with a NUL.
        """
        with told_plainly(), Session(self.engine) as session:
            try:
                yield session
            except DataError as error:  # of PostgreSQL; SQLite looks, and finds nothing
                raise NotFound("There can be no such thing: look at what you ask for.") from error

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Session]:
        """Give a session whose work is committed as a whole, or not at all.

        What is not `lasting` may be undone, as a whole and never alone, when the power fails: the
        state of a run, which is then graded again from the same seed. It waits for no disk.

        Raises:
            StorageUnavailable: the database cannot be reached or written.
        """
        engine = self._writing_engine if lasting else self._passing_engine
        with self._turn, told_plainly(), Session(engine) as session, session.begin():
            yield session

    @property
    def is_shared(self) -> bool:
        """Return whether processes of several machines may use it: PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    def connect_alone(self) -> psycopg.Connection[Any]:
        """Return a connection to PostgreSQL of the caller's own, each statement a transaction.

        Raises:
            psycopg.Error: the database cannot be reached.
        """
        positional, named = self.engine.dialect.create_connect_args(self.engine.url)
        return psycopg.connect(*positional, **{**named, **_PATIENCE}, autocommit=True)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Let what the database raises be one of our failures, in a line.

    Raises:
        StorageUnavailable: the database cannot be reached, read or written.
        StorageRefusal: it does not take what it was given.
    """
    try:
        yield
    except (DataError, IntegrityError) as error:
        why = " ".join(str(error.orig).split())
        raise StorageRefusal(f"The database does not take this: {why}") from error
    except DBAPIError as error:
        why = " ".join(str(error.orig).split())
        raise StorageUnavailable(f"The database cannot be used: {why}") from error
    except PoolTimeout as error:
        raise StorageUnavailable("The database is busy: all connections are in use.") from error


def _engine(parsed: URL) -> Engine:
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, connect_args=_PATIENCE, pool_pre_ping=True, **_OPTIONS)
    if parsed.database:
        # What students handed in is nobody else's on this machine.
        folder = Path(parsed.database).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            why = f"The folder of the database, {folder}, cannot be made: {error.strerror}."
            raise StorageUnavailable(why) from error
    options = {**_OPTIONS, **_POOL_OF_A_FILE}
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin late and not before reads; we begin them ourselves.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes can fail at once when another wrote meanwhile.
    options = connection.get_execution_options()
    if not options.get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    # NORMAL may lose the last commits when the power fails; an upload that was answered must stay.
    level = "FULL" if options.get("lasting", True) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")

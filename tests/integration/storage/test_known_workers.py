"""Workers as the database knows them."""

from dataclasses import replace
from datetime import timedelta

from grader.domain.workers import Worker
from grader.storage import workers
from grader.storage.database import Database
from tests.integration.storage.conftest import LATER, NOW

_WORKER = Worker("a:1:ff", "a", 2, NOW, NOW, ("own user",), "")


def _seen(database: Database, *found: Worker) -> None:
    with database.writing() as session:
        for worker in found:
            workers.seen(session, worker)


def test_worker_is_known_as_it_last_said(database: Database) -> None:
    last = replace(_WORKER, seen_at=LATER, trouble="no sandbox")
    _seen(database, _WORKER, last)

    with database.reading() as session:
        assert workers.seen_since(session, LATER) == [last]


def test_worker_that_was_not_seen_lately_is_not_listed(database: Database) -> None:
    _seen(database, _WORKER)

    with database.reading() as session:
        assert workers.seen_since(session, LATER) == []


def test_worker_that_ended_is_forgotten(database: Database) -> None:
    _seen(database, _WORKER, replace(_WORKER, name="b:1:ff", host="b"))

    with database.writing() as session:
        workers.forget(session, _WORKER.name)

    with database.reading() as session:
        assert [worker.host for worker in workers.seen_since(session, NOW)] == ["b"]


def test_worker_long_gone_is_forgotten_when_another_is_seen(database: Database) -> None:
    _seen(database, _WORKER, replace(_WORKER, name="b:1:ff", seen_at=NOW + timedelta(hours=2)))

    with database.reading() as session:
        assert [worker.name for worker in workers.seen_since(session, NOW)] == ["b:1:ff"]

"""What one process hears of another, through PostgreSQL."""

import threading

import pytest

from grader.queue.board import Board
from grader.queue.listener import Listener
from grader.storage import jobs, news
from grader.storage.database import Database
from tests.processes import wait_for


@pytest.fixture
def database(postgresql: Database) -> Database:
    """Give PostgreSQL alone."""
    return postgresql


def _hears(database: Database, woken: threading.Event) -> bool:
    """Tell of run 7 until it was heard: a listener may just be about to listen."""
    with database.writing() as session:
        news.tell(session, 7)
    return woken.wait(0.5)


def test_run_that_ended_elsewhere_wakes_who_follows_it(database: Database) -> None:
    board, woken = Board(), threading.Event()

    with Listener(database, board), board.following(7, woken.set):
        assert wait_for(lambda: _hears(database, woken), "news of the run")


def test_job_is_told_of_when_it_is_committed_and_not_before(database: Database) -> None:
    listening = news.listen(database, 0.1)
    next(listening)

    with database.writing() as session:
        jobs.defer(session, [jobs.WaitingRun(1, 0)])
        before = next(listening)

    assert before is None
    assert wait_for(lambda: next(listening), "news") == news.RunQueued()


def test_listener_listens_again_when_its_connection_is_lost(database: Database) -> None:
    board, first, second = Board(), threading.Event(), threading.Event()

    with Listener(database, board):
        with board.following(7, first.set):
            wait_for(lambda: _hears(database, first), "news of the run")
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND starts_with(query, 'LISTEN')"
            )
        with board.following(7, second.set):
            assert wait_for(lambda: second.wait(0.01), "everybody told to look again")
            second.clear()
            assert wait_for(lambda: _hears(database, second), "news of the run")

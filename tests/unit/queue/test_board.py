"""How slots and those who wait are woken."""

import threading

from grader.queue.board import Board


def test_slot_wakes_when_a_run_is_queued() -> None:
    board = Board()
    woken = threading.Event()

    def slot() -> None:
        board.wait_for_work(30)
        woken.set()

    thread = threading.Thread(target=slot)
    thread.start()
    board.queued()
    thread.join(10)

    assert woken.is_set()


def test_run_queued_before_anyone_waits_is_not_missed() -> None:
    board = Board()
    board.queued()

    thread = threading.Thread(target=board.wait_for_work, args=(30,))
    thread.start()
    thread.join(10)

    assert not thread.is_alive()


def test_end_of_a_run_wakes_those_who_watch_it_and_no_others() -> None:
    board = Board()

    with board.watching(1) as first, board.watching(1) as second, board.watching(2) as other:
        board.ended(1)

        assert (first.is_set(), second.is_set(), other.is_set()) == (True, True, False)


def test_closed_board_holds_nobody() -> None:
    board = Board()

    with board.watching(1) as before:
        board.close()
        with board.watching(1) as after:
            assert (before.is_set(), after.is_set()) == (True, True)


def test_end_that_nobody_watches_is_forgotten() -> None:
    board = Board()
    board.ended(1)

    with board.watching(1) as watcher:
        assert not watcher.is_set()

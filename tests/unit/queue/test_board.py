"""How slots and those who wait are woken."""

import threading

from grader.queue.board import Board
from tests.factories import a_case


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


def test_what_was_queued_while_slots_were_busy_does_not_wake_them_forever() -> None:
    board = Board()
    for _ in range(100_000):
        board.queued()

    woken = sum(board.wait_for_work(0) for _ in range(1000))

    assert 0 < woken <= 100


def test_missed_news_make_everybody_look_again() -> None:
    board, first, second = Board(), threading.Event(), threading.Event()

    with board.following(1, first.set), board.following(2, second.set):
        board.missed_news()

    assert (first.is_set(), second.is_set()) == (True, True)


def test_news_of_a_run_wakes_those_who_follow_it_and_no_others() -> None:
    board, first, second, other = Board(), threading.Event(), threading.Event(), threading.Event()

    with (
        board.following(1, first.set),
        board.following(1, second.set),
        board.following(2, other.set),
    ):
        board.ended(1, 1)

    assert (first.is_set(), second.is_set(), other.is_set()) == (True, True, False)


def test_case_wakes_those_only_who_want_each_case() -> None:
    board, for_cases, for_end = Board(), threading.Event(), threading.Event()
    board.begun(1, 1)

    with board.following(1, for_cases.set, each_case=True), board.following(1, for_end.set):
        board.judged(1, 1, a_case())

    assert (for_cases.is_set(), for_end.is_set()) == (True, False)


def test_cases_of_a_try_are_kept_until_it_is_over() -> None:
    board = Board()
    board.begun(1, 2)
    board.judged(1, 2, a_case(name="A"))

    under_way = board.cases(1, 2)
    board.ended(1, 2)

    assert [case.name for case in under_way] == ["A"]
    assert board.cases(1, 2) == ()


def test_lost_try_is_not_heard_any_more() -> None:
    board = Board()
    board.begun(1, 1)
    board.begun(1, 2)

    board.judged(1, 1, a_case(name="Late"))
    board.ended(1, 1)
    board.judged(1, 2, a_case(name="A"))

    assert [case.name for case in board.cases(1, 2)] == ["A"]
    assert board.cases(1, 1) == ()


def test_closed_board_holds_nobody() -> None:
    board, before, after = Board(), threading.Event(), threading.Event()

    with board.following(1, before.set):
        board.close()
        with board.following(1, after.set):
            assert (before.is_set(), after.is_set()) == (True, True)


def test_board_can_be_closed_by_a_signal_while_its_thread_follows() -> None:
    board, woken, done = Board(), threading.Event(), threading.Event()

    def close_when_woken() -> None:
        if not woken.is_set():
            woken.set()
            board.close()

    def follow() -> None:
        with board.following(1, close_when_woken):
            board.ended(1, 1)
        done.set()

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    thread.join(10)

    assert done.is_set()


def test_end_that_nobody_follows_is_forgotten() -> None:
    board, woken = Board(), threading.Event()
    board.ended(1, 1)

    with board.following(1, woken.set):
        assert not woken.is_set()


def test_board_knows_which_runs_are_under_way_and_which_are_followed() -> None:
    board = Board()
    board.begun(1, 1)

    with board.following(2, threading.Event().set), board.following(3, threading.Event().set):
        followed = board.followed()

    assert (board.is_at(1), board.is_at(2)) == (True, False)
    assert (followed, board.followed()) == ([2, 3], [])


def test_who_watches_is_woken_by_whatever_run_is_queued_begun_or_over() -> None:
    board = Board()
    woken: list[str] = []

    with board.watching(lambda: woken.append("woken")):
        board.queued()
        board.begun(1, 1)
        board.judged(1, 1, a_case())
        board.ended(1, 1)
        board.changed(2)
    board.queued()

    assert len(woken) == 4, "a case alone is no news of the class"


def test_closing_wakes_who_watches_and_who_comes_to_watch() -> None:
    board = Board()
    woken: list[str] = []

    with board.watching(lambda: woken.append("before")):
        board.close()
        with board.watching(lambda: woken.append("after")):
            pass

    assert woken == ["before", "after"]

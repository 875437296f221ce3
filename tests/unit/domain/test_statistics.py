"""A class in numbers."""

from grader.domain.gradebook import Entry, Progress
from grader.domain.statistics import Tally, by_progress, case_statistics, histogram


def test_every_progress_is_counted_also_that_of_nobody() -> None:
    found = by_progress([Entry("ann"), Entry("ben", attempts=1, waiting=1)], 80.0)

    assert found == {
        Progress.PASSED: 0,
        Progress.NOT_PASSED: 0,
        Progress.WAITING: 1,
        Progress.NO_SCORE: 0,
        Progress.NOTHING: 1,
    }


def test_histogram_holds_every_score_once() -> None:
    bars = histogram([0.0, 4.9, 5.0, 79.9, 80.0, 99.9, 100.0], 100.0)

    filled = {(bar.low, bar.high): bar.students for bar in bars if bar.students}
    assert filled == {
        (0.0, 5.0): 2,
        (5.0, 10.0): 1,
        (75.0, 80.0): 1,
        (80.0, 85.0): 1,
        (95.0, 100.0): 2,
    }


def test_histogram_of_nobody_is_empty() -> None:
    assert sum(bar.students for bar in histogram([], 100.0)) == 0


def test_cases_come_in_the_order_of_the_suite_with_their_mistakes() -> None:
    tallies = [
        Tally("B", "b.py", 1, 10.0, True, "", 3),
        Tally("A", "a.py", 0, 10.0, False, "x is 1", 1),
        Tally("A", "a.py", 0, 10.0, False, "x is 2", 2),
        Tally("A", "a.py", 0, 10.0, True, "", 1),
    ]

    first, second = case_statistics(tallies)

    assert (first.name, first.students, first.accepted, first.rate) == ("A", 4, 1, 0.25)
    assert [(made.message, made.students) for made in first.mistakes] == [("x is 2", 3)]
    assert (second.name, second.rate, second.mistakes) == ("B", 1.0, ())

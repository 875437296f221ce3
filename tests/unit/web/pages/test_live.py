"""How far a run is, as a page tells it."""

import pytest

from grader.domain.progress import QueuePlace
from grader.domain.verdicts import Verdict
from grader.web.events import Judged, Queued, Running
from grader.web.pages.live import LiveProgress, SoFar
from tests.factories import a_case


def test_queued_run_is_told_its_place_and_how_long_it_takes() -> None:
    name, page = LiveProgress(11)(Queued(QueuePlace(2, 5, 24.0)))

    assert name == "progress"
    assert "Place 3 of 5 in the queue" in page
    assert "about 30 seconds" in page


def test_cases_are_counted_as_they_are_judged() -> None:
    live = LiveProgress(11)
    live(Running(1))
    live(Judged(a_case(name="A")))

    _, page = live(Judged(a_case(name="B", points=0.0, verdict=Verdict.WRONG_ANSWER)))

    assert "2 of 11 cases done" in page
    assert page.index("A</span>") < page.index("B</span>")
    assert "Wrong answer" in page


def test_next_try_begins_anew() -> None:
    live = LiveProgress(11)
    live(Judged(a_case(name="A")))

    _, page = live(Running(2))

    assert "0 of 11 cases done" in page
    assert "A</span>" not in page


def test_first_run_of_a_suite_promises_no_number() -> None:
    _, page = LiveProgress(None)(Judged(a_case()))

    assert "1 case done" in page
    assert "<progress" not in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.2, "a few seconds"),
        (5.0, "a few seconds"),
        (5.1, "about 10 seconds"),
        (59.0, "about 60 seconds"),
        (60.0, "about a minute"),
        (61.0, "about 2 minutes"),
    ],
)
def test_wait_is_told_roughly(seconds: float | None, words: str) -> None:
    assert SoFar(QueuePlace(0, 1, seconds)).wait == words

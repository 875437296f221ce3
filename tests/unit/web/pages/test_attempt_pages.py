"""Long lists of attempts, and why one counts."""

from datetime import UTC, datetime

import pytest

from grader.domain.assignments import Counts
from grader.domain.attempts import Attempt, Attempts, attempts_at
from grader.domain.runs import RunStatus
from grader.web.pages.attempt_pages import ON_A_PAGE, attempt_page, why_it_counts
from grader.web.pages.timelines import timeline
from tests.factories import an_assignment


def _attempts(*points: float | None, counts: Counts = Counts.BEST) -> Attempts:
    made = [
        Attempt(
            submission_id=number,
            student="ann",
            number=number,
            created_at=datetime(2026, 11, 1, tzinfo=UTC),
            late=False,
            status=RunStatus.QUEUED if earned is None else RunStatus.GRADED,
            points=earned or 0.0,
            max_points=100.0,
        )
        for number, earned in enumerate(points, 1)
    ]
    return attempts_at(an_assignment(counts=counts), made[::-1])


def test_attempt_that_counts_is_on_every_page_once() -> None:
    attempts = _attempts(100, *[50] * 60)

    pages = [attempt_page(attempts, number) for number in (1, 2, 3)]

    assert [len(each.made) for each in pages] == [ON_A_PAGE, ON_A_PAGE, 11]
    assert [each.counted and each.counted.number for each in pages] == [1, 1, None]
    assert [(each.newer, each.older) for each in pages] == [(None, 2), (1, 3), (2, None)]


@pytest.mark.parametrize("number", [0, 4, 999_999_999])
def test_page_that_is_not_there_is_the_nearest(number: int) -> None:
    assert attempt_page(_attempts(*[50] * 60), number).number == min(max(number, 1), 3)


@pytest.mark.parametrize(
    ("attempts", "says"),
    [
        (_attempts(60, 90, 70), "Attempt 2 counts: its 90 points are the most."),
        (_attempts(90, 90), "its 90 points are the most, and of equal ones the first counts."),
        (_attempts(90, 70, None, counts=Counts.LAST), "Attempt 2 counts: it is the last"),
        (_attempts(None), "No attempt is graded yet"),
    ],
)
def test_why_an_attempt_counts_is_said(attempts: Attempts, says: str) -> None:
    assert says in why_it_counts(attempts)


def test_timeline_says_in_words_what_it_draws() -> None:
    line = timeline(_attempts(60, None, 90))

    assert line is not None
    assert line.says == "Attempt 1: 60. Attempt 2: no score. Attempt 3: 90, counts."
    assert [(dot.graded, dot.counts) for dot in line.dots] == [
        (True, False),
        (False, False),
        (True, True),
    ]
    assert line.dots[2].y < line.dots[0].y < line.dots[1].y


def test_timeline_of_a_thousand_attempts_shows_the_last() -> None:
    line = timeline(_attempts(*[50] * 1000))

    assert line is not None
    assert len(line.dots) == 60
    assert len(line.x_ticks) <= 12
    assert line.dots[-1].says.startswith("Attempt 1000")

"""The bars of the overview."""

from datetime import UTC, datetime, timedelta, timezone

from grader.domain.statistics import Spell, histogram
from grader.web.pages.charts import BOTTOM, activity_chart, score_chart

BERLIN = timezone(timedelta(hours=1))


def test_bars_below_the_pass_mark_are_told_apart_and_the_mark_is_drawn() -> None:
    chart = score_chart(histogram([10.0, 79.0, 80.0, 100.0], 100.0), 80.0)

    assert [(column.words, column.below) for column in chart.columns if column.count] == [
        ("10 to below 15", True),
        ("75 to below 80", True),
        ("80 to below 85", False),
        ("95 to 100", False),
    ]
    assert chart.mark is not None
    assert chart.columns[15].x < chart.mark < chart.columns[16].x


def test_pass_mark_of_nothing_is_not_drawn() -> None:
    assert score_chart(histogram([10.0], 100.0), 0.0).mark is None


def test_what_is_counted_has_whole_ticks_only() -> None:
    chart = score_chart(histogram([50.0], 100.0), 80.0)

    assert all(tick.label.isdigit() for tick in chart.y_ticks)
    tallest = max(column.height for column in chart.columns)
    assert tallest < BOTTOM / 2, "one student fills the picture"


def test_days_are_those_of_the_course() -> None:
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    spells = [Spell(late, 2), Spell(late + timedelta(days=3), 1)]

    chart = activity_chart(spells, BERLIN)

    assert chart is not None
    assert chart.unit == "day"
    assert [(column.words, column.count) for column in chart.columns] == [
        ("2 Nov", 2),
        ("3 Nov", 0),
        ("4 Nov", 0),
        ("5 Nov", 1),
    ]


def test_first_hours_are_told_by_the_hour_and_a_year_by_the_week() -> None:
    start = datetime(2026, 11, 1, 10, tzinfo=UTC)

    hours = activity_chart([Spell(start, 1), Spell(start + timedelta(hours=5), 1)], UTC)
    weeks = activity_chart([Spell(start, 1), Spell(start + timedelta(days=300), 1)], UTC)

    assert hours is not None
    assert (hours.unit, len(hours.columns)) == ("hour", 6)
    assert weeks is not None
    assert (weeks.unit, weeks.columns[0].words) == ("week", "week of 26 Oct")


def test_nothing_handed_in_has_no_chart() -> None:
    assert activity_chart([], UTC) is None

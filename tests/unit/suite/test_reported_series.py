"""What a case gives to plot: bounded, and numbers that can be drawn."""

import numpy as np
import pytest

from grader.domain.verdicts import Marks, Series
from grader.errors import SuiteFailure
from grader.suite.report import Report


def test_lines_and_points_share_the_picture_that_they_are_drawn_into() -> None:
    report = Report(10)

    plot = report.plot("Fit", "area", "price")
    plot.points("houses", [0, 1], [2, 3])
    plot.line("predicted", np.array([[0.5], [0.75]]), np.array([[2], [3]]))

    labels = {"plot": "Fit", "x_label": "area", "y_label": "price"}
    assert report.drawn == [
        Series("houses", (0.0, 1.0), (2.0, 3.0), Marks.POINTS, **labels),
        Series("predicted", (0.5, 0.75), (2.0, 3.0), Marks.LINE, **labels),
    ]


def test_line_without_places_counts_them_from_0() -> None:
    report = Report(10)

    report.series("loss", [0.7, 0.5])

    assert report.drawn[0].points == ((0.0, 0.7), (1.0, 0.5))


def test_long_series_is_thinned_and_each_value_keeps_its_place() -> None:
    report = Report(10)

    report.series("loss", np.arange(25_000) * 2)

    (series,) = report.drawn
    assert 100 < len(series.points) <= 300
    assert all(y == pytest.approx(2 * x, rel=1e-4) for x, y in series.points)
    assert series.x[-1] > 24_000


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1.7e308, -1e13])
def test_value_that_cannot_be_drawn_is_left_out(bad: float) -> None:
    report = Report(10)

    report.plot("Fit").points("houses", [0.1, bad, 0.3, 0.4], [1.0, 2.0, bad, 4.0])

    assert report.drawn[0].points == ((1.0, 0.1), (4.0, 0.4))


def test_value_is_rounded_to_what_counts_beside_the_largest() -> None:
    report = Report(10)

    report.series("loss", [1234.5678, 0.123456, 0.0])
    report.series("tiny", [1.23456789e-310, 5e-324])

    assert report.drawn[0].values == (1234.6, 0.1, 0.0)
    assert report.drawn[1].values == (0.0, 0.0)


@pytest.mark.parametrize("values", [[], [np.nan, np.inf]], ids=["empty", "not finite"])
def test_series_without_a_value_is_none(values: list[float]) -> None:
    report = Report(10)

    report.series("loss", values)

    assert report.drawn == []


def test_no_case_draws_more_than_eight_series_whatever_its_pictures() -> None:
    report = Report(10)

    for number in range(20):
        report.plot(f"picture {number}").line("loss", [1.0, 2.0])

    assert len(report.drawn) == 8


def test_names_are_bounded_and_printable() -> None:
    report = Report(10)

    report.plot("p" * 999, "x\u202e", "y" * 999).line("\x1b[31m" + "n" * 999, [1.0])

    (series,) = report.drawn
    assert max(map(len, (series.plot, series.name, series.y_label))) == 100
    assert "\x1b" not in series.name
    assert "\u202e" not in series.x_label


def test_places_of_another_number_are_the_suite_s_mistake() -> None:
    with pytest.raises(SuiteFailure, match="3 places for 2 values"):
        Report(10).plot("Fit").points("houses", [1.0, 2.0], [1.0, 2.0, 3.0])

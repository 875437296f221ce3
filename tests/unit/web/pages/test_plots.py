"""Pictures of what a case reported."""

import pytest

from grader.domain.verdicts import Marks, Series
from grader.web.pages.axes import axis_over
from grader.web.pages.plots import BOTTOM, LEFT, RIGHT, TOP, pictures
from tests.factories import a_case

TRAIN = Series("training", (0.7, 0.5, 0.4), plot="Loss", x_label="epoch", y_label="mean loss")
VAL = Series("validation", (0.7, 0.6, 0.5), plot="Loss", x_label="epoch", y_label="mean loss")


def test_series_of_one_plot_share_a_picture() -> None:
    houses = Series("houses", (0.0, 1.0), (0.1, 0.9), Marks.POINTS, "Prediction")

    loss, prediction = pictures(a_case(series=(TRAIN, VAL, houses)), "case-1")

    assert (loss.title, [drawn.name for drawn in loss.drawn]) == (
        "Loss",
        ["training", "validation"],
    )
    assert (loss.x_label, loss.y_label) == ("epoch", "mean loss")
    assert [drawn.style for drawn in loss.drawn] == [1, 2]
    assert (prediction.title, prediction.id) == ("Prediction", "case-1-2")
    assert prediction.drawn[0].path == ""
    assert len(prediction.drawn[0].dots) == 2


def test_line_goes_from_edge_to_edge_and_stays_inside() -> None:
    (picture,) = pictures(a_case(series=(TRAIN,)), "case-1")

    places = [tuple(map(float, place.split())) for place in picture.drawn[0].path[1:].split("L")]
    assert (places[0][0], places[-1][0]) == (LEFT, RIGHT)
    assert all(TOP <= y <= BOTTOM for _, y in places)
    assert places[0][1] < places[-1][1]  # a falling loss falls: y grows downwards


def test_picture_says_in_words_what_it_shows() -> None:
    (picture,) = pictures(a_case(series=(TRAIN,)), "case-1")

    assert picture.says == "training: from 0.7 to 0.4, between 0.4 and 0.7."


def test_table_of_a_long_line_has_its_first_and_last_value() -> None:
    long = Series("training", tuple(float(value) for value in range(300)))

    (picture,) = pictures(a_case(series=(long,)), "case-1")

    rows = picture.drawn[0].rows
    assert (rows[0], rows[-1], len(rows)) == (("0", "0"), ("299", "299"), 12)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param((5.0,), id="one value"),
        pytest.param((0.0, 0.0), id="zeros"),
        pytest.param((1e12, -1e12), id="as far as can be"),
        pytest.param((1.0, 1.0 + 1e-15), id="as near as can be"),
        pytest.param((1e12, 1e12 + 1e-3), id="near and far"),
    ],
)
def test_any_finite_series_can_be_drawn(values: tuple[float, ...]) -> None:
    (picture,) = pictures(a_case(series=(Series("x", values),)), "case-1")

    assert len(picture.x_ticks) <= 12
    assert len(picture.y_ticks) <= 12
    for drawn in picture.drawn:
        assert "nan" not in drawn.path
        assert "inf" not in drawn.path


def test_names_of_series_are_harmless() -> None:
    (picture,) = pictures(a_case(series=(Series("\u202eevil\x1b", (1.0, 2.0)),)), "case-1")

    assert picture.drawn[0].name == "\\u202eevil␛"


def test_case_without_series_has_no_picture() -> None:
    assert pictures(a_case(series=(Series("x", ()),)), "case-1") == ()


def test_ticks_are_round_and_on_the_axis() -> None:
    axis = axis_over([0.51328, 0.6930], 100, 0)

    ticks = axis.ticks(5)

    assert [tick.label for tick in ticks] == ["0.55", "0.6", "0.65"]
    assert all(0 <= tick.place <= 100 for tick in ticks)

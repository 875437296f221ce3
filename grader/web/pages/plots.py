"""Pictures of what a case reported, as values that a template turns into SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.domain.text import one_line
from grader.domain.verdicts import CaseResult, Marks, Series
from grader.web.pages.axes import Axis, Tick, axis_over

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 88, 624, 12, 280  # where the axes are
STYLES = 8  # of lines and points, told apart without colour
_ROWS = 12  # of a table: what a reader of numbers wants
_LABEL = 100


@dataclass(frozen=True)
class Drawn:
    """One series as it is drawn: `path` of a line, or `dots`; `style` counts from 1."""

    name: str
    style: int
    path: str
    dots: tuple[tuple[float, float], ...]
    rows: tuple[tuple[str, str], ...]
    end: tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """A plot: its series over common axes, and in words what it shows."""

    id: str
    title: str
    says: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    drawn: tuple[Drawn, ...]


def pictures(case: CaseResult, name: str) -> tuple[Picture, ...]:
    """Return the pictures of a case; `name` begins the ids, which are one of a kind on a page."""
    plots: dict[str, list[Series]] = {}
    for series in case.series:
        if series.values:
            plots.setdefault(series.plot, []).append(series)
    return tuple(
        _picture(f"{name}-{number}", title or case.name, drawn[:STYLES])
        for number, (title, drawn) in enumerate(plots.items(), 1)
    )


def _picture(name: str, title: str, series: Sequence[Series]) -> Picture:
    points = [point for each in series for point in each.points]
    across = axis_over((x for x, _ in points), LEFT, RIGHT, _margin(series))
    up = axis_over((y for _, y in points), BOTTOM, TOP, 0.06)
    lines_first = sorted(series, key=lambda each: each.marks is not Marks.LINE)
    return Picture(
        id=name,
        title=one_line(title, _LABEL),
        says=" ".join(_sentence(each) for each in series),
        x_label=one_line(next((each.x_label for each in series if each.x_label), ""), _LABEL),
        y_label=one_line(next((each.y_label for each in series if each.y_label), ""), _LABEL),
        x_ticks=across.ticks(6),
        y_ticks=up.ticks(5),
        drawn=tuple(_drawn(each, style, across, up) for style, each in enumerate(lines_first, 1)),
    )


def _drawn(series: Series, style: int, across: Axis, up: Axis) -> Drawn:
    places = tuple((across.place(x), up.place(y)) for x, y in series.points)
    is_line = series.marks is Marks.LINE
    return Drawn(
        name=one_line(series.name, _LABEL),
        style=style,
        path=_path(places) if is_line else "",
        dots=() if is_line and len(places) > 1 else places,
        rows=tuple((f"{x:.5g}", f"{y:.5g}") for x, y in _thinned(series.points)),
        end=places[-1],
    )


def _margin(series: Iterable[Series]) -> float:
    """Keep points off the axis; a line may begin on it."""
    return 0.03 if any(each.marks is Marks.POINTS for each in series) else 0.0


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


def _sentence(series: Series) -> str:
    (_, first), (_, last) = series.points[0], series.points[-1]
    name, low, high = one_line(series.name, _LABEL), min(series.values), max(series.values)
    if series.marks is Marks.POINTS:
        return f"{name}: {len(series.values)} points between {low:.4g} and {high:.4g}."
    return f"{name}: from {first:.4g} to {last:.4g}, between {low:.4g} and {high:.4g}."


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Return at most `_ROWS` of the points, the first and the last among them."""
    if len(points) <= _ROWS:
        return points
    last = len(points) - 1
    return [points[round(row * last / (_ROWS - 1))] for row in range(_ROWS)]

"""Bars of the overview, as values that a template turns into SVG."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from grader.domain.statistics import Bar, Spell
from grader.web.pages.axes import Axis, Tick

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 616, 12, 210  # where the axes are
_GAP = 0.12  # of a bar's width, free on either side
_LEAST_HIGH = 4  # of what is counted: one submission does not fill the picture
_HOURS_OF_DAYS = 48  # a longer time is told by days
_DAYS_OF_WEEKS = 70
_MOST_LABELS = 7
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Column:
    """A bar as it is drawn, with what it stands for in words."""

    x: float
    y: float
    width: float
    height: float
    words: str
    count: int
    below: bool = False  # the pass mark


@dataclass(frozen=True)
class Chart:
    """Bars over common axes; `mark` is where the pass mark is drawn, if it is."""

    columns: tuple[Column, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    unit: str = ""  # what one bar spans
    mark: float | None = None


def score_chart(bars: Sequence[Bar], pass_mark: float) -> Chart:
    """Return the histogram of scores with the pass mark."""
    low, high = bars[0].low, bars[-1].high
    across = Axis(low, high, LEFT, RIGHT)
    up = _counting(bar.students for bar in bars)
    columns = []
    for bar in bars:
        words = f"{bar.low:g} to {'' if bar is bars[-1] else 'below '}{bar.high:g}"
        start, end = across.place(bar.low), across.place(bar.high)
        columns.append(_column((start, end), bar.students, up, words, below=bar.low < pass_mark))
    mark = across.place(pass_mark) if low < pass_mark <= high else None
    return Chart(tuple(columns), across.ticks(5), _whole(up), mark=mark)


def activity_chart(spells: Sequence[Spell], zone: tzinfo) -> Chart | None:
    """Return how many submissions were made by hour, day or week in the course's zone."""
    if not spells:
        return None
    first, last = (spell.since.astimezone(zone) for spell in (spells[0], spells[-1]))
    unit, step, start = _unit(first, last)
    counts: Counter[int] = Counter()
    for spell in spells:
        counts[_steps(start, spell.since.astimezone(zone), step)] += spell.submissions
    slots = range(_steps(start, last, step) + 1)
    up = _counting(counts.values())
    width = (RIGHT - LEFT) / max(len(slots), _LEAST_HIGH)
    columns, labels = [], []
    every = -(-len(slots) // _MOST_LABELS)
    for slot in slots:
        left = LEFT + slot * width
        words = _words(start + slot * step, step)
        columns.append(_column((left, left + width), counts[slot], up, words))
        if slot % every == 0:
            labels.append(Tick(round(left + width / 2, 1), words.removeprefix("week of ")))
    return Chart(tuple(columns), tuple(labels), _whole(up), unit=unit)


def _unit(first: datetime, last: datetime) -> tuple[str, timedelta, datetime]:
    """Return what a bar spans, and where the first one begins (naive, in the course's zone)."""
    start = first.replace(tzinfo=None, minute=0, second=0, microsecond=0)
    span = last - first
    if span < _HOURS_OF_DAYS * _HOUR:
        return "hour", _HOUR, start
    start = start.replace(hour=0)
    if span < _DAYS_OF_WEEKS * _DAY:
        return "day", _DAY, start
    return "week", 7 * _DAY, start - start.weekday() * _DAY


def _steps(start: datetime, moment: datetime, step: timedelta) -> int:
    return (moment.replace(tzinfo=None) - start) // step


def _words(moment: datetime, step: timedelta) -> str:
    if step is _HOUR:
        return f"{moment:%a %H:%M}"
    day = f"{moment.day} {moment:%b}"
    return day if step is _DAY else f"week of {day}"


def _column(
    span: tuple[float, float], count: int, up: Axis, words: str, *, below: bool = False
) -> Column:
    start, end = span
    free = (end - start) * _GAP
    top = up.place(count)
    return Column(
        x=round(start + free, 1),
        y=top,
        width=round(end - start - 2 * free, 1),
        height=round(BOTTOM - top, 1),
        words=words,
        count=count,
        below=below,
    )


def _counting(counts: Iterable[int]) -> Axis:
    return Axis(0.0, float(max([*counts, _LEAST_HIGH])), BOTTOM, TOP)


def _whole(up: Axis) -> tuple[Tick, ...]:
    return tuple(tick for tick in up.ticks(4) if tick.label.isdigit())

"""A student's scores from attempt to attempt, as values that a template turns into SVG."""

from dataclasses import dataclass

from grader.domain.attempts import Attempt, Attempts
from grader.web.pages.axes import Axis, Tick

WIDTH, HEIGHT = 640, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 620, 14, 180  # where the axes are
_MOST = 60  # attempts, the last ones
_LABELLED = 12  # of them by their number


@dataclass(frozen=True)
class Dot:
    """An attempt as it is drawn; one without a score stands on the ground."""

    x: float
    y: float
    graded: bool
    counts: bool
    says: str


@dataclass(frozen=True)
class Timeline:
    """The picture, and in words what it shows."""

    dots: tuple[Dot, ...]
    path: str
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    pass_mark: float | None  # where its line is
    says: str


def timeline(attempts: Attempts) -> Timeline | None:
    """Return the picture of the last attempts, oldest first; None before the first."""
    made = tuple(reversed(attempts.made[:_MOST]))
    if not made:
        return None
    most = max([attempts.assignment.pass_mark, *(each.max_points for each in made)])
    up = Axis(0.0, most or 1.0, BOTTOM, TOP)
    across = Axis(-0.5, len(made) - 0.5, LEFT, RIGHT)
    dots = tuple(_dot(attempts, each, across.place(i), up) for i, each in enumerate(made))
    every = -(-len(made) // _LABELLED)
    return Timeline(
        dots=dots,
        path="M" + "L".join(f"{dot.x:g} {dot.y:g}" for dot in dots if dot.graded),
        y_ticks=up.ticks(4),
        x_ticks=tuple(
            Tick(dot.x, str(each.number))
            for dot, each in list(zip(dots, made, strict=True))[::every]
        ),
        pass_mark=up.place(attempts.assignment.pass_mark),
        says=" ".join(dot.says for dot in dots),
    )


def _dot(attempts: Attempts, attempt: Attempt, x: float, up: Axis) -> Dot:
    counts = attempts.counts is not None and attempts.counts.number == attempt.number
    score = f"{attempt.points:g}" if attempt.graded else "no score"
    says = f"Attempt {attempt.number}: {score}{', counts' if counts else ''}."
    points = attempt.points if attempt.graded else 0.0
    return Dot(x, up.place(points), attempt.graded, counts, says)

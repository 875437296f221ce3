"""A badge: how a submission stands, in a line that fits into a README."""

from html import escape

from grader.domain.runs import RunStatus
from grader.domain.submissions import SubmissionView

_GREEN, _RED, _BLUE, _GREY = "#1a7f37", "#b3261e", "#0b5cad", "#57606a"  # white on each is legible
_CHARACTER = 6.8  # pixels, on average, at 11 pixels' height
_MARGIN = 14
_BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img"'
    ' aria-label="{label}: {says}"><title>{label}: {says}</title>'
    '<rect width="{width}" height="20" rx="3" fill="#24292f"/>'
    '<rect x="{left}" width="{right}" height="20" rx="3" fill="{colour}"/>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    ' text-anchor="middle"><text x="{label_at}" y="14" textLength="{label_long}">{label}</text>'
    '<text x="{says_at}" y="14" textLength="{says_long}">{says}</text></g></svg>'
)


def badge(view: SubmissionView) -> str:
    """Return an SVG that says the assignment and the score, or how far the grading is."""
    label = view.submission.assignment
    says, colour = _said(view)
    left, right = _width(label), _width(says)
    return _BADGE.format(
        label=escape(label),
        says=escape(says),
        colour=colour,
        width=left + right,
        left=left,
        right=right,
        label_at=left / 2,
        says_at=left + right / 2,
        label_long=left - _MARGIN,
        says_long=right - _MARGIN,
    )


def _said(view: SubmissionView) -> tuple[str, str]:
    score, status = view.submission.score, view.submission.run.status
    if score is None:
        return ("not graded" if status is RunStatus.FAILED else str(status)), _GREY
    points = f"{score.points:g}/{score.max_points:g}"
    if view.passed is None:
        return f"{points} so far", _BLUE
    return points, _GREEN if view.passed else _RED


def _width(text: str) -> int:
    return round(len(text) * _CHARACTER) + _MARGIN

"""A gradebook as others take it: as CSV, as Canvas's CSV, and as objects, one a student."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from grader.domain.gradebook import Gradebook, Row
from grader.grading.formats.tables import Cell, csv_text

_FIELDS = ("student", "section", "progress", "score", "max_score", "passed", "attempt", "attempts")
_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POINTS_POSSIBLE = "    Points Possible"  # with its spaces, by which Canvas knows the row


def gradebook_csv(book: Gradebook) -> str:
    """Return a line for each student: how they stand, then the points of each case."""
    header = [*_FIELDS, "last_activity", "late", *book.cases]
    return csv_text(header, (_line(book, row) for row in book.rows))


def canvas_csv(book: Gradebook) -> str:
    """Return what Canvas imports; who has no score yet has an empty cell, which changes nothing.

    Students are known by the name that they sign in as: Canvas's own numbers are left to it.
    """
    number = book.assignment.canvas_id or book.assignment_id
    header = [*_CANVAS, f"{book.assignment.title} ({number})"]
    return csv_text(header, _canvas_lines(book))


def student_object(book: Gradebook, row: Row) -> dict[str, Any]:
    """Return how one student stands, as the API tells it."""
    entry, counted = row.entry, row.entry.counted
    last = entry.last_activity
    return {
        "student": entry.student,
        "section": entry.section,
        "progress": entry.progress(book.assignment.pass_mark).value,
        "score": counted.points if counted else None,
        "max_score": counted.max_points if counted else None,
        "passed": counted.points >= book.assignment.pass_mark if counted else None,
        "submission": counted.submission_id if counted else None,
        "attempt": counted.attempt if counted else None,
        "late": counted.late if counted else None,
        "suite_version": counted.suite_version if counted else None,
        "attempts": entry.attempts,
        "last_activity": last.astimezone(UTC).isoformat().replace("+00:00", "Z") if last else None,
        "waiting": entry.waiting,
        "failed": entry.failed,
        "stale": entry.stale,
        "cases": [
            {"name": cell.name, "points": cell.points, "max_points": cell.max_points}
            for cell in row.cells.values()
        ],
    }


def _line(book: Gradebook, row: Row) -> list[Cell]:
    told = student_object(book, row)
    cells = [row.cells.get(name) for name in book.cases]
    return [
        *(_word(told[name]) for name in (*_FIELDS, "last_activity", "late")),
        *(cell.points if cell else None for cell in cells),
    ]


def _canvas_lines(book: Gradebook) -> Iterator[list[Cell]]:
    yield [_POINTS_POSSIBLE, None, None, None, None, book.max_score]
    for row in book.rows:
        counted, name = row.entry.counted, row.entry.student
        yield [
            name,
            None,
            None,
            name,
            row.entry.section or None,
            counted.points if counted else None,
        ]


def _word(value: Cell | bool) -> Cell:
    return ("yes" if value else "no") if isinstance(value, bool) else value

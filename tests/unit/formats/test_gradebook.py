"""A gradebook as files."""

import csv
from datetime import UTC, datetime
from io import StringIO

from grader.domain.gradebook import Cell, Counted, Entry, Gradebook, Row
from grader.grading.formats.gradebook import canvas_csv, gradebook_csv
from tests.factories import an_assignment

_LAST = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)


def _book(**changes: object) -> Gradebook:
    graded = Entry(
        "ann", 3, _LAST, counted=Counted(7, 2, True, 9, 87.5, 100.0, "v1"), section="Tue"
    )
    rows = (
        Row(graded, {"A": Cell("A", 7.5, 10.0), "=B": Cell("=B", 80.0, 90.0)}),
        Row(Entry("@ben"), {}),
    )
    return Gradebook(an_assignment(**changes), 4, rows, {"A": 10.0, "=B": 90.0}, 2, 2, 100.0)


def _read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline="")))


def test_csv_has_a_line_for_each_student_and_a_column_for_each_case() -> None:
    lines = _read(gradebook_csv(_book()))

    assert lines == [
        [
            "student",
            "section",
            "progress",
            "score",
            "max_score",
            "passed",
            "attempt",
            "attempts",
            "last_activity",
            "late",
            "A",
            "'=B",
        ],
        [
            "ann",
            "Tue",
            "passed",
            "87.5",
            "100",
            "yes",
            "2",
            "3",
            "2026-11-24T17:30:00Z",
            "yes",
            "7.5",
            "80",
        ],
        ["'@ben", "", "nothing", "", "", "", "", "0", "", "", "", ""],
    ]


def test_canvas_finds_its_header_and_its_points_possible() -> None:
    text = canvas_csv(_book(title="HW4"))

    assert text.splitlines() == [
        "Student,ID,SIS User ID,SIS Login ID,Section,HW4 (4)",
        "    Points Possible,,,,,100",
        "ann,,,ann,Tue,87.5",
        "'@ben,,,'@ben,,",
    ]


def test_canvas_is_told_its_own_number_where_the_assignment_says_it() -> None:
    assert "HW4 (12345)" in canvas_csv(_book(canvas_id=12345))

"""CSV that no spreadsheet runs."""

import csv
import re
from io import StringIO

import pytest

from grader.grading.formats.tables import as_it_was, csv_text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_that_would_be_a_formula_is_defused(start: str) -> None:
    text = csv_text(["name"], [[f"{start}HYPERLINK(1)"]])

    assert list(csv.reader(StringIO(text, newline="")))[1] == [f"'{start}HYPERLINK(1)"]


def test_numbers_stay_numbers_and_nothing_is_nothing() -> None:
    assert csv_text(["a", "b", "c", "d"], [[-1.5, 100.0, 3, None]]) == "a,b,c,d\r\n-1.5,100,3,\r\n"


def test_text_with_quotes_and_newlines_stays_one_cell() -> None:
    text = csv_text(["a", "b"], [['say "so",\nplease', "b"]])

    assert list(csv.reader(StringIO(text, newline="")))[1] == ['say "so",\nplease', "b"]


@pytest.mark.parametrize("text", ["a;=1+1", 'a;"=1"', "a\n=1+1", "a\t=1+1", "-a;b\n@c;\t=1"])
def test_cell_runs_in_no_spreadsheet_that_expects_other_separators(text: str) -> None:
    written = csv_text(["about"], [[text]])

    assert not re.search(r'(^|[\n;\t])"*[=+@-]', written)
    assert as_it_was(next(csv.reader(StringIO(written.partition("\n")[2], newline="")))[0]) == text

"""Tables as CSV, harmless in a spreadsheet whatever students call themselves or their files."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

# A spreadsheet runs what starts like this; after an apostrophe it is text. One that expects other
# separators than commas heeds no quotes, and begins a cell behind each of its own and at each line.
_FORMULA = re.compile(r"""^(?=[=+\-@\t\r])|(?<=[\r\n;\t])(?="*[=+\-@\t\r])""")
_DEFUSED = re.compile(r"""^'(?=[=+\-@\t\r])|(?<=[\r\n;\t])'(?="*[=+\-@\t\r])""")

Cell = str | float | int | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV; numbers as short as they can be said, None as nothing."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_text(name) for name in header])
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_it_was(cell: str) -> str:
    """Return what stood in a cell before `csv_text` made it harmless."""
    return _DEFUSED.sub("", cell)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _FORMULA.sub("'", cell)
    return f"{cell:g}" if isinstance(cell, float) else str(cell)

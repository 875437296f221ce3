"""Tables as CSV, harmless in a spreadsheet whatever students call themselves or their files."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | float | int | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV; numbers as short as they can be said, None as nothing."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_text(name) for name in header])
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return out.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # A spreadsheet runs what starts like this; after an apostrophe it is text.
        return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
    return f"{cell:g}" if isinstance(cell, float) else str(cell)

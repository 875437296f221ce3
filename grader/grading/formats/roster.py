"""A roster as CSV: what is written by a spreadsheet or by us is read, with mistakes by their lines.

The first line names the columns: `name`, and as needed `role` and `section`; others are not read.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from grader.domain.people import NAME_PATTERN, Role
from grader.domain.roster import SECTION_CHARACTERS, Listed, Member, Mistake
from grader.domain.text import one_line, printable
from grader.grading.formats.tables import as_it_was, csv_text

MOST_BYTES = 512 << 10
_MOST_PEOPLE = 5_000
_MOST_MISTAKES = 50  # told of: who sends a picture need not read them all
_MOST_UNREAD = 20  # columns that are told of
_HEADER = ("name", "role", "section")
_SEPARATORS = ",;\t"
_QUOTED = 60  # characters of what is wrong
_NOT_UTF8 = "this is not UTF-8: save it as “CSV UTF-8”"


@dataclass(frozen=True)
class RosterFile:
    """What a file says, and what is wrong with it; `unread` names columns that are not read."""

    people: tuple[Listed, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    unread: tuple[str, ...] = ()


def read_roster_file(content: bytes) -> RosterFile:
    """Read a CSV. With a mistake in it nothing of it may be used."""
    if len(content) > MOST_BYTES:
        return _wrong(1, f"the file is larger than {MOST_BYTES >> 10} KiB: is it a roster?")
    try:
        text = _decoded(content)
    except UnicodeDecodeError as error:
        return _wrong(content.count(b"\n", 0, error.start) + 1, _NOT_UTF8)
    if not text.strip():
        return _wrong(1, "the file is empty: its first line names the columns name, role, section")
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    rows = _rows(text, separator)
    try:
        columns, unread = _columns(rows)
        return _read(rows, columns, unread)
    except _Refused as refused:
        return _wrong(refused.line, refused.says)


def roster_csv(members: Iterable[Member]) -> str:
    """Return members as CSV, as `read_roster_file` reads it."""
    return csv_text(_HEADER, ([each.name, each.role, each.section] for each in members))


class _Refused(Exception):
    def __init__(self, line: int, says: str) -> None:
        super().__init__(says)
        self.line, self.says = line, says


def _wrong(line: int, says: str) -> RosterFile:
    return RosterFile(mistakes=(Mistake(line, says),))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnicodeDecodeError("utf-8", content, 0, 1, "UTF-16")
    text = content.decode("utf-8-sig")
    if (place := text.find("\0")) >= 0:
        before = len(text[:place].encode())
        raise UnicodeDecodeError("utf-8", content, before, before + 1, "a NUL")
    return unicodedata.normalize("NFC", text)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that says anything, with the line where it begins."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise _Refused(line, f"this line cannot be read: {error}") from None


def _columns(
    rows: Iterator[tuple[int, list[str]]],
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    line, head = next(rows, (1, [""]))  # there may be separators alone
    names = [cell.strip().casefold() for cell in head]
    if "name" not in names:
        raise _Refused(
            line,
            "the first line must name the columns: name, and as needed role and section; "
            f"this one begins with “{one_line(head[0], _QUOTED)}”",
        )
    if twice := next((name for name in _HEADER if names.count(name) > 1), None):
        raise _Refused(line, f"the column {twice} is there twice")
    unread = (one_line(cell, _QUOTED) for cell in head if cell.strip().casefold() not in _HEADER)
    return (
        {name: names.index(name) for name in _HEADER if name in names},
        tuple(name for name in unread if name)[:_MOST_UNREAD],
    )


def _read(
    rows: Iterator[tuple[int, list[str]]], columns: Mapping[str, int], unread: tuple[str, ...]
) -> RosterFile:
    people: list[Listed] = []
    mistakes: list[Mistake] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        if len(people) >= _MOST_PEOPLE:
            raise _Refused(line, f"there are more than {_MOST_PEOPLE} people: import them in parts")
        try:
            listed = _listed(line, row, columns)
            if (before := lines.setdefault(listed.name, line)) != line:
                raise _Refused(line, f"{listed.name} stands at line {before} already")
            people.append(listed)
        except _Refused as refused:
            mistakes.append(Mistake(refused.line, refused.says))
            if len(mistakes) >= _MOST_MISTAKES:
                mistakes.append(Mistake(line, "there may be more mistakes below"))
                break
    if not people and not mistakes:
        mistakes.append(Mistake(1, "there is nobody below the first line"))
    return RosterFile(tuple(people), tuple(mistakes), unread)


def _listed(line: int, row: Sequence[str], columns: Mapping[str, int]) -> Listed:
    cells = {name: _cell(row, place) for name, place in columns.items()}
    name, role, section = cells["name"], cells.get("role"), cells.get("section")
    # Some letters and accents cannot be seen: with one, a name would look like another's.
    if not re.fullmatch(NAME_PATTERN, name) or name != printable(name, len(name)):
        raise _Refused(
            line,
            f"“{one_line(name, _QUOTED)}” cannot be a name: it has 1 to 100 letters, digits, "
            "spaces or any of . _ @ + - '",
        )
    if section is not None and not _is_section(section):
        raise _Refused(
            line, f"the section has at most {SECTION_CHARACTERS} printable characters on one line"
        )
    return Listed(line, name, _role(line, role), section)


def _is_section(text: str) -> bool:
    in_order = len(text) <= SECTION_CHARACTERS and text == printable(text, len(text))
    return in_order and "\n" not in text and "\t" not in text


def _cell(row: Sequence[str], place: int) -> str:
    return as_it_was(row[place].strip()) if place < len(row) else ""


def _role(line: int, text: str | None) -> Role | None:
    if not text:
        return None
    try:
        return Role(text.casefold())
    except ValueError:
        known = ", ".join(Role)
        raise _Refused(
            line, f"“{one_line(text, _QUOTED)}” is no role: it is one of {known}"
        ) from None

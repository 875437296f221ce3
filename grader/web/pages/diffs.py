"""The code of two attempts side by side, as text that is safe to show, and no more than is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup, escape

from grader.domain.differences import changed_lines
from grader.suite.sentences import source_lines
from grader.web.pages.texts import shown

_LINES = 3_000  # of a file that are compared
_ROWS = 800  # of all files of a page together
_LINE_CHARACTERS = 400
_SECONDS = 0.2  # of computing, for all files of a page together


@dataclass(frozen=True)
class Half:
    """A line of one of the two; what differs within it is marked."""

    number: int
    code: Markup
    more: int  # characters that are cut


@dataclass(frozen=True)
class Row:
    """Two lines beside each other; without either, lines that are left out."""

    kind: str  # same, changed, removed, added, gap
    before: Half | None = None
    after: Half | None = None


@dataclass(frozen=True)
class FileDiff:
    """What became of a file; `cut` says that more changed than is shown."""

    name: str
    what: str
    rows: tuple[Row, ...] = ()
    cut: bool = False

    @property
    def added(self) -> int:
        """Return how many lines shown are new or changed."""
        return sum(row.kind in ("added", "changed") for row in self.rows)

    @property
    def removed(self) -> int:
        """Return how many lines shown are gone or changed."""
        return sum(row.kind in ("removed", "changed") for row in self.rows)


def diffs(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[FileDiff, ...]:
    """Return what became of each file, in the order of their names."""
    found = []
    rows, seconds = _ROWS, _SECONDS
    for name in sorted({*before, *after}):
        if name not in before or name not in after:
            what = "only in the later one" if name in after else "only in the earlier one"
            found.append(FileDiff(name, what))
        elif before[name] == after[name]:
            found.append(FileDiff(name, "the same"))
        else:
            diff = _diff(name, (before[name], after[name]), rows, seconds / 2)
            rows, seconds = rows - len(diff.rows), seconds / 2
            found.append(diff)
    return tuple(found)


def _diff(name: str, contents: tuple[bytes, bytes], most: int, seconds: float) -> FileDiff:
    before, after = (_lines(content)[: _LINES + 1] for content in contents)
    too_long = max(len(before), len(after)) > _LINES
    pairs = _rows(before[:_LINES], after[:_LINES], seconds)
    rows = tuple(islice(pairs, most))
    cut = too_long or next(pairs, None) is not None
    if not rows and not cut:
        return FileDiff(name, "the same but for line ends")
    return FileDiff(name, "changed", rows, cut)


def _lines(content: bytes) -> list[str]:
    lines = source_lines(content)
    return lines if lines[-1] else lines[:-1]  # what follows the last line's end is no line


def _rows(before: Sequence[str], after: Sequence[str], seconds: float) -> Iterator[Row]:
    for pair in changed_lines(before, after, seconds):
        if pair.is_gap:
            yield Row("gap")
        elif pair.before is None or pair.after is None:
            one = None if pair.before is None else _half(before, pair.before)
            other = None if pair.after is None else _half(after, pair.after)
            yield Row("added" if one is None else "removed", one, other)
        elif pair.same:
            yield Row("same", _half(before, pair.before), _half(after, pair.after))
        else:
            marks = _differ(_text(before, pair.before), _text(after, pair.after))
            one = _half(before, pair.before, marks)
            yield Row("changed", one, _half(after, pair.after, marks))


def _half(lines: Sequence[str], place: int, marks: tuple[int, int] = (0, 0)) -> Half:
    text, (head, tail) = _text(lines, place), marks
    more = max(0, len(lines[place]) - _LINE_CHARACTERS)
    if not head and not tail:
        return Half(place + 1, escape(text), more)
    middle = text[head : len(text) - tail]
    marked = Markup("<mark>{}</mark>").format(middle) if middle else ""
    return Half(place + 1, Markup("{}{}{}").format(text[:head], marked, _last(text, tail)), more)


def _text(lines: Sequence[str], place: int) -> str:
    return shown(lines[place], _LINE_CHARACTERS).text


def _differ(one: str, other: str) -> tuple[int, int]:
    """Return how many characters two lines share at their heads, and then at their ends."""
    head = _shared(one, other)
    return head, _shared(one[head:][::-1], other[head:][::-1])


def _shared(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _last(text: str, count: int) -> str:
    return text[len(text) - count :]

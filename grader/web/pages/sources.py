"""A submitted file as a page shows it: highlighted, bounded, with what cases say of its lines."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from markupsafe import Markup, escape
from pygments.lexers.python import PythonLexer
from pygments.token import Token, _TokenType

from grader.domain.verdicts import CaseResult, Verdict
from grader.suite.sentences import source_lines
from grader.web.pages.texts import Place, Shown, read_message, shown

LINES = 2_000  # of one page
LINE_CHARACTERS = 1_000
# What is coloured within a tenth of a second, line ends counted; but lines of one space each take
# a time that grows with its square (42 s), so the time is bounded, too.
_HIGHLIGHTED_CHARACTERS = 60_000
_HIGHLIGHTING_SECONDS = 0.5
# Colouring at once would only take turns with one another, and with all else. Who finds no turn
# soon sees the file plain.
_turn = threading.Lock()
_TURN_SECONDS = 1.0
# The nearest kind above a token's own gives the class.
_CLASSES = {
    Token.Comment: "c",
    Token.Literal.String.Doc: "c",
    Token.Literal.String: "s",
    Token.Literal.Number: "n",
    Token.Keyword: "k",
    Token.Operator.Word: "k",
    Token.Name.Function: "f",
    Token.Name.Class: "f",
    Token.Name.Decorator: "f",
    Token.Name.Builtin: "b",
}


@dataclass(frozen=True)
class Remark:
    """What cases say of a line: one mistake, and the cases that met it."""

    cases: tuple[str, ...]
    said: Shown


@dataclass(frozen=True)
class Line:
    """A line of a file."""

    number: int
    code: Markup
    more: int  # characters that are cut
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Source:
    """The lines from `first` on, of `total`."""

    lines: tuple[Line, ...]
    first: int
    total: int

    @property
    def before(self) -> int | None:
        """Return the first line of the page before this one."""
        return max(1, self.first - LINES) if self.first > 1 else None

    @property
    def after(self) -> int | None:
        """Return the first line of the page after this one."""
        return self.first + LINES if self.first + LINES <= self.total else None


def read_source(content: bytes, first: int, remarks: Mapping[int, Sequence[Remark]]) -> Source:
    """Return a page of a file, its lines counted as Python counts them."""
    lines = source_lines(content)
    if len(lines) > 1 and not lines[-1]:
        lines.pop()  # what follows the last line's end is no line
    first = min(first, len(lines))
    wanted = slice(first - 1, first - 1 + LINES)
    numbered = enumerate(zip(lines[wanted], _coded(lines, wanted), strict=True), first)
    return Source(
        lines=tuple(
            Line(
                number,
                code,
                max(0, len(text) - LINE_CHARACTERS),
                tuple(remarks.get(number, ())),
            )
            for number, (text, code) in numbered
        ),
        first=first,
        total=len(lines),
    )


def source_link(submission_id: int, file: str, line: int | None = None) -> str:
    """Return the address of a submitted file's page, and of a line on it."""
    address = f"/submissions/{submission_id}/files/{file}"
    if line is None:
        return address
    first = (line - 1) // LINES * LINES + 1
    return f"{address}?first={first}#L{line}" if first > 1 else f"{address}#L{line}"


def remarks_on(name: str, cases: Iterable[CaseResult]) -> dict[int, list[Remark]]:
    """Return by line what `cases` say of a file."""
    said: dict[tuple[int, str], tuple[Shown, list[str]]] = {}
    for case in cases:
        message = read_message(case.message, (name,))
        if case.verdict is not Verdict.ACCEPTED and isinstance(message.place, Place):
            key = (message.place.line, message.said.text)
            said.setdefault(key, (message.said, []))[1].append(case.name)
    found: dict[int, list[Remark]] = {}
    for (line, _), (text, names) in said.items():
        found.setdefault(line, []).append(Remark(tuple(names), text))
    return found


def _coded(lines: Sequence[str], wanted: slice) -> list[Markup]:
    # A string may have begun far above, so colouring begins at the top, and ends where it is seen.
    above = lines[: wanted.stop]
    if sum(map(len, above)) + len(above) <= _HIGHLIGHTED_CHARACTERS:
        safe = [shown(line, LINE_CHARACTERS).text for line in above]
        coloured = _coloured(safe)
        if len(coloured) == len(safe):
            return coloured[wanted]
    return [escape(shown(line, LINE_CHARACTERS).text) for line in lines[wanted]]


def _coloured(safe: Sequence[str]) -> list[Markup]:
    """Return the lines coloured, or fewer than there are where that would take too long."""
    if sum(map(len, safe)) > _HIGHLIGHTED_CHARACTERS or not _turn.acquire(timeout=_TURN_SECONDS):
        return []
    try:
        until = time.thread_time() + _HIGHLIGHTING_SECONDS
        each = _tokens_by_line("\n".join(safe))
        in_time = takewhile(lambda _: time.thread_time() < until, each)
        return [Markup("").join(tokens) for tokens in in_time]
    finally:
        _turn.release()


def _tokens_by_line(code: str) -> Iterator[list[Markup]]:
    line: list[Markup] = []
    # Neither stripped nor ended: the lines must stay those that were handed in.
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        head, *rest = text.split("\n")
        line.append(_token(kind, head))
        for part in rest:
            yield line
            line = [_token(kind, part)]
    yield line


def _token(kind: _TokenType, text: str) -> Markup:
    kinds = reversed(kind.split())
    name = next((_CLASSES[each] for each in kinds if each in _CLASSES), "")
    if not name or not text:
        return escape(text)
    return Markup('<span class="{}">{}</span>').format(name, text)

"""Student text on a page: printable, bounded, and the lines of their files that it names."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from grader.domain.text import printable

MESSAGE_CHARACTERS = 4_000
OUTPUT_CHARACTERS = 16_000
_LONGEST_REPLACED = 10  # characters that one unsafe character may become
# As grader.suite.sentences ends a message: the innermost line of the student's, then that line.
_PLACE = re.compile(r"\n  (?P<file>[^\n/]{1,100}), line (?P<line>\d{1,7})(?:, in [^\n]*)?(?=\n|\Z)")


@dataclass(frozen=True)
class Shown:
    """The head of a text, and how many characters of it are not shown."""

    text: str
    more: int = 0


@dataclass(frozen=True)
class Place:
    """A line of a submitted file; `words` name it as a traceback does."""

    file: str
    line: int
    words: str


@dataclass(frozen=True)
class Message:
    """What a case says: a sentence, and where one is known the line that it is about."""

    said: Shown
    place: Place | None = None
    code: str = ""


def shown(text: str, limit: int) -> Shown:
    """Return at most `limit` characters of `text`, safe to show."""
    head = text[:limit]
    return Shown(printable(head, limit * _LONGEST_REPLACED), len(text) - len(head))


def read_message(text: str, files: Collection[str]) -> Message:
    """Take a case's message apart; only a line of one of `files` is a place."""
    found = [match for match in _PLACE.finditer(text) if match["file"] in files]
    if not found:
        return Message(shown(text, MESSAGE_CHARACTERS))
    last = found[-1]
    words = printable(last.group().strip(), 300)
    return Message(
        said=shown(text[: last.start()], MESSAGE_CHARACTERS),
        place=Place(last["file"], int(last["line"]), words),
        code=shown(text[last.end() :].strip(), MESSAGE_CHARACTERS).text,
    )

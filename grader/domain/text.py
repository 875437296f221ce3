"""Text that students wrote, made safe to show: in a terminal, a page, XML or a log."""

import re

REPORT_CHARACTERS = 100_000  # of one text that a program reads: JSON, XML or the API
# What moves a cursor, turns the reading direction, hides, or may not stand in XML 1.0 and UTF-8:
# controls, bidi marks and overrides, line separators, invisible operators, tags, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u3164\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_CUT = "… (cut here)"


def printable(text: str, limit: int) -> str:
    r"""Return at most `limit` characters of `text`, each unsafe one replaced by visible ones.

    Newlines and tabs stay; `\r\n` becomes `\n`. Short, printable text comes back unchanged.
    """
    # Replacing can halve a text (\r\n), never shrink it further: more than this is not looked at.
    head = text[: 2 * limit + 2].replace("\r\n", "\n")
    shown = _UNSAFE.sub(_visible, head[: limit + 1])
    if len(shown) <= limit:
        return shown
    if limit <= len(_CUT):
        return shown[:limit]
    return shown[: limit - len(_CUT)] + _CUT


def one_line(text: str, limit: int) -> str:
    """Return `printable` text on a single line, for tables, logs and attributes."""
    return " ".join(printable(text, limit).split())


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ␀ to ␟
    if 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\u{code:04x}"

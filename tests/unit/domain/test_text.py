"""Student text made safe to show."""

import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.text import one_line, printable

# Lone surrogates too, which hypothesis leaves out by default.
_ANY_TEXT = st.text(st.characters(codec=None, categories=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain\n\ttext", "plain\n\ttext", id="newline and tab stay"),
        pytest.param("数据 ŷ é 👍", "数据 ŷ é 👍", id="other scripts stay"),
        pytest.param("a\r\nb", "a\nb", id="carriage return before newline"),
        pytest.param("\x1b[31mred", "␛[31mred", id="terminal escape"),
        pytest.param("\x00\x07\r", "␀␇␍", id="other controls"),
        pytest.param("\x7f\x9b", "\\u007f\\u009b", id="delete and C1"),
        pytest.param("a\u202eb\u2066", "a\\u202eb\\u2066", id="bidi"),
        pytest.param("a\ud800b\ufffe", "a\ufffdb\ufffd", id="not a character"),
        pytest.param("a\u2028b\u200b", "a\\u2028b\\u200b", id="invisible"),
        pytest.param("\U000e0041", "\\ue0041", id="tag"),
    ],
)
def test_unsafe_characters_are_replaced_by_visible_ones(text: str, shown: str) -> None:
    assert printable(text, 100) == shown


@given(_ANY_TEXT, st.integers(0, 60))
def test_printable_text_is_bounded_and_can_stand_anywhere(text: str, limit: int) -> None:
    shown = printable(text, limit)

    assert len(shown) <= limit
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    element = ElementTree.fromstring(f"<a>{_escaped(shown)}</a>")  # noqa: S314  # bounded
    assert (element.text or "") == shown


@given(_ANY_TEXT, st.integers(0, 60))
def test_printable_text_stays_as_it_is(text: str, limit: int) -> None:
    shown = printable(text, limit)

    assert printable(shown, limit) == shown


def test_long_text_is_cut_and_says_so() -> None:
    shown = printable("x" * 1000, 50)

    assert len(shown) == 50
    assert shown.endswith("… (cut here)")


def test_a_megabyte_of_controls_is_bounded() -> None:
    assert len(printable("\x00" * (1 << 20), 1000)) == 1000


def test_one_line_has_no_newline() -> None:
    assert one_line(" a\nb\t\r\nc ", 100) == "a b c"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

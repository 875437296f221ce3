"""A submitted file on a page: every line counted, bounded and harmless."""

import time

import pytest

from grader.domain.verdicts import Verdict
from grader.web.pages import sources
from grader.web.pages.sources import LINE_CHARACTERS, LINES, read_source, remarks_on
from tests.factories import a_case


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"x = 1", 1, id="no newline at the end"),
        pytest.param(b"x = 1\n", 1, id="a newline at the end"),
        pytest.param(b"\n\nx = 1\r\ny = 2\rz = 3\n\n", 6, id="three ways to end a line"),
        pytest.param(b'x = """a\n\nb"""\n', 3, id="a string over lines"),
        pytest.param(b'x = """never closed\n(', 2, id="no Python"),
        pytest.param(b"\xff\xfex\x00", 1, id="no text"),
        pytest.param("x = '\u2028\x0c\x85'\ny".encode(), 2, id="ends that Python does not know"),
    ],
)
def test_lines_are_counted_as_python_counts_them(content: bytes, lines: int) -> None:
    source = read_source(content, 1, {})

    assert [line.number for line in source.lines] == list(range(1, lines + 1))
    assert source.total == lines


def test_code_is_coloured_and_stays_text() -> None:
    (line,) = read_source(b"def f(): return '<script>' # \x1b[2J \xe2\x80\xae", 1, {}).lines

    assert '<span class="k">def</span>' in line.code
    assert "&lt;script&gt;" in line.code
    assert "<script>" not in line.code
    assert "\x1b" not in line.code
    assert "\u202e" not in line.code


def test_line_of_a_megabyte_is_cut_and_says_by_how_much() -> None:
    (line,) = read_source(b"x" * (1 << 20), 1, {}).lines

    assert len(line.code.striptags()) == LINE_CHARACTERS
    assert line.more == (1 << 20) - LINE_CHARACTERS


def test_ten_thousand_lines_are_shown_page_by_page() -> None:
    content = b"".join(b"x = %d\n" % number for number in range(1, 10_001))

    middle = read_source(content, LINES + 1, {})

    assert (middle.lines[0].number, middle.lines[-1].number) == (LINES + 1, 2 * LINES)
    assert (middle.before, middle.after, middle.total) == (1, 2 * LINES + 1, 10_000)
    assert "".join(middle.lines[0].code.striptags()) == f"x = {LINES + 1}"
    assert read_source(content, 8_001, {}).after is None
    assert read_source(content, 1, {}).before is None


@pytest.mark.parametrize(
    ("content", "first"),
    [
        pytest.param(b"\n" * (1 << 20), 1, id="a megabyte of line ends"),
        pytest.param(b"\n" * (1 << 20), 1 << 20, id="its last page"),
        pytest.param(b" \n" * (1 << 14), 1, id="lines of a space"),
        pytest.param(b" \n" * (1 << 14), 1 << 14, id="the last of them"),
        pytest.param(b"\0" * 59_000, 1, id="a line that grows when it is made safe"),
    ],
)
def test_no_file_takes_long_to_show(content: bytes, first: int) -> None:
    started = time.thread_time()

    source = read_source(content, first, {})

    assert time.thread_time() - started < 2  # without a bound the first takes 7 s of CPU
    assert "".join(line.code for line in source.lines).strip("\n \u2400") == ""


def test_lines_below_the_page_cost_no_colour_of_those_on_it() -> None:
    content = b"def f(): pass\n" + b"\n" * (1 << 20)

    assert '<span class="k">def</span>' in read_source(content, 1, {}).lines[0].code


def test_file_is_shown_plain_where_others_take_the_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_TURN_SECONDS", 0)

    with sources._turn:
        (plain,) = read_source(b"def f(): pass", 1, {}).lines
    (coloured,) = read_source(b"def f(): pass", 1, {}).lines

    assert plain.code == "def f(): pass"
    assert "<span" in coloured.code


def test_page_beyond_the_end_shows_the_last_line() -> None:
    assert [line.number for line in read_source(b"a\nb", 99, {}).lines] == [2]


def test_remark_stands_at_the_line_that_a_message_names() -> None:
    message = "NameError: no y\n  loss.py, line 2, in backward\n    return y"
    cases = [
        a_case(name=name, verdict=Verdict.RUNTIME_ERROR, message=message) for name in ("A", "B")
    ]

    remarks = remarks_on("loss.py", cases)

    assert list(remarks) == [2]
    assert remarks[2][0].cases == ("A", "B")
    assert remarks[2][0].said.text == "NameError: no y"
    assert read_source(b"a\nb", 1, remarks).lines[1].remarks == tuple(remarks[2])
    assert remarks_on("solver.py", cases) == {}

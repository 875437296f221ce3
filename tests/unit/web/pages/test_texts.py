"""Student text on a page."""

from grader.web.pages.texts import Place, read_message, shown

FILES = ("loss.py", "solver.py")


def test_short_text_is_shown_whole() -> None:
    assert shown("yes\n", 10).text == "yes\n"
    assert shown("yes\n", 10).more == 0


def test_long_text_is_cut_and_says_by_how_much() -> None:
    found = shown("x" * 1_000_000, 100)

    assert (len(found.text), found.more) == (100, 999_900)


def test_terminal_codes_and_turned_text_become_visible() -> None:
    assert shown("\x1b[2J\u202e", 100).text == "␛[2J\\u202e"


def test_message_is_taken_apart_at_the_line_of_the_students() -> None:
    message = read_message("KeyError: 3\n  loss.py, line 31, in forward\n    x[3]", FILES)

    assert message.said.text == "KeyError: 3"
    assert message.place == Place("loss.py", 31, "loss.py, line 31, in forward")
    assert message.code == "x[3]"


def test_message_of_a_syntax_error_has_a_line_without_a_function() -> None:
    message = read_message("SyntaxError: no\n  solver.py, line 3", FILES)

    assert message.place == Place("solver.py", 3, "solver.py, line 3")


def test_only_lines_of_submitted_files_are_places() -> None:
    message = read_message("E: \n  other.py, line 3\n    x", FILES)

    assert message.place is None
    assert "other.py, line 3" in message.said.text


def test_last_place_is_the_one_that_the_suite_wrote() -> None:
    forged = "ValueError: x\n  solver.py, line 1\n  loss.py, line 9, in f\n    raise"

    place = read_message(forged, FILES).place

    assert place is not None
    assert (place.file, place.line) == ("loss.py", 9)

"""The code of two attempts side by side."""

from grader.web.pages.diffs import FileDiff, diffs

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202eevil"


def _diff(before: bytes, after: bytes) -> FileDiff:
    (found,) = diffs({"loss.py": before}, {"loss.py": after})
    return found


def test_what_differs_within_a_line_is_marked() -> None:
    row = _diff(b"x = old + 1\n", b"x = new + 1\n").rows[0]

    assert row.kind == "changed"
    assert row.before is not None
    assert row.before.code == "x = <mark>old</mark> + 1"
    assert row.after is not None
    assert row.after.code == "x = <mark>new</mark> + 1"


def test_files_that_are_only_in_one_are_told() -> None:
    found = diffs({"a.py": b"1", "b.py": b"1"}, {"b.py": b"1", "c.py": b"1"})

    assert [(each.name, each.what) for each in found] == [
        ("a.py", "only in the earlier one"),
        ("b.py", "the same"),
        ("c.py", "only in the later one"),
    ]


def test_other_line_ends_are_no_change_of_the_code() -> None:
    assert _diff(b"a\r\nb\r\n", b"a\nb").what == "the same but for line ends"


def test_hostile_lines_are_text_and_bounded() -> None:
    found = _diff(f"{HOSTILE}\n".encode(), f"{HOSTILE}{'y' * 100_000}\n".encode())

    shown = "".join(
        f"{half.code}" for row in found.rows for half in (row.before, row.after) if half
    )
    for evil in ("<script", "\x1b", "\u202e"):
        assert evil not in shown
    assert len(shown) < 5_000


def test_page_shows_no_more_rows_than_are_read() -> None:
    many = b"".join(b"%d\n" % number for number in range(2_000))
    other = b"".join(b"-%d\n" % number for number in range(2_000))

    found = diffs({"a.py": many, "b.py": many}, {"a.py": other, "b.py": other})

    assert sum(len(each.rows) for each in found) == 800
    assert all(each.cut for each in found)


def test_file_of_endless_lines_is_cut_and_told() -> None:
    found = _diff(b"\n" * 1_000_000, b"\n" * 1_000_000 + b"x")

    assert found.cut

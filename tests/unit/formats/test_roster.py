"""Rosters as spreadsheets write them, and as nobody should."""

import pytest

from grader.domain.people import Role
from grader.domain.roster import Listed, Member
from grader.grading.formats.roster import MOST_BYTES, read_roster_file, roster_csv

ANN = Listed(2, "ann", Role.STUDENT, "A")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"name,role,section\nann,student,A\n", id="plain"),
        pytest.param(b"\xef\xbb\xbfname,role,section\r\nann,student,A\r\n", id="Excel's mark"),
        pytest.param(b"name;role;section\nann;student;A\n", id="semicolons"),
        pytest.param(b"name\trole\tsection\nann\tstudent\tA\n", id="tabs"),
        pytest.param(b"Section,Name,ROLE\nA,ann,Student\n", id="other order and letters"),
        pytest.param(b'name,role,section\n"ann"," student ","A"\n', id="quoted and spaced"),
        pytest.param(b"name,role,section\rann,student,A\r", id="old Macintosh"),
    ],
)
def test_roster_of_any_spreadsheet_is_read(content: bytes) -> None:
    found = read_roster_file(content)

    assert found.mistakes == ()
    assert found.people == (ANN,)


def test_columns_that_are_not_there_say_nothing() -> None:
    assert read_roster_file(b"name\nann\n").people == (Listed(2, "ann"),)
    assert read_roster_file(b"name,role\nann\n").people == (Listed(2, "ann"),)


def test_columns_that_are_not_read_are_told() -> None:
    found = read_roster_file(b"name,email,<b>\nann,a@b.de,x\n")

    assert found.unread == ("email", "<b>")


def test_names_in_either_form_of_an_accent_are_the_same() -> None:
    found = read_roster_file("name\nAnai\u0308s\nAna\u00efs\n".encode())

    assert [each.says for each in found.mistakes] == ["Ana\u00efs stands at line 2 already"]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        pytest.param(b"", 1, "empty", id="empty"),
        pytest.param(b"name\n", 1, "nobody", id="nobody"),
        pytest.param(b"\n,,,\n,,\n", 1, "must name the columns", id="separators alone"),
        pytest.param("name\nann\u034f\n".encode(), 2, "cannot be a name", id="unseen accent"),
        pytest.param("name\n\u3164\n".encode(), 2, "cannot be a name", id="unseen letter"),
        pytest.param(b"ann,student\n", 1, "must name the columns", id="no header"),
        pytest.param(b"name,name\nann,b\n", 1, "there twice", id="column twice"),
        pytest.param(b"name\nann\n<b>\n", 3, "cannot be a name", id="markup"),
        pytest.param(b"name\nann\n=cmd()\n", 3, "cannot be a name", id="formula"),
        pytest.param(b"name\n" + b"a" * 101, 2, "cannot be a name", id="long name"),
        pytest.param(b"name\nann\n\x1b[2J\n", 3, "cannot be a name", id="terminal codes"),
        pytest.param(b"name,role\nann,boss\n", 2, "is no role", id="unknown role"),
        pytest.param(b"name,role\nann,\n\nben,student\nann,\n", 5, "line 2 already", id="twice"),
        pytest.param("name\nJürgen\n".encode("latin-1"), 2, "not UTF-8", id="Latin-1"),
        pytest.param("name\nann\n".encode("utf-16"), 1, "not UTF-8", id="UTF-16"),
        pytest.param(b"name\nann\n\0\n", 3, "not UTF-8", id="NUL"),
        pytest.param(b"name,section\nann," + b"x" * 101, 2, "section", id="long section"),
        pytest.param(b'name,section\nann,"A\nB"', 2, "on one line", id="section of two lines"),
        pytest.param("name,section\nann,\u202eA".encode(), 2, "section", id="bidi section"),
        pytest.param(b'name\nann\n"ben\n', 3, "cannot be read", id="open quote"),
        pytest.param(b"x" * (MOST_BYTES + 1), 1, "larger than 512 KiB", id="huge"),
        pytest.param(b"name\n" + b"y" * 200_000, 2, "cannot be read", id="huge cell"),
        pytest.param(
            b"name\n" + b"".join(b"s%d\n" % n for n in range(6000)), 5002, "more than", id="many"
        ),
    ],
)
def test_mistake_is_told_with_its_line(content: bytes, line: int, says: str) -> None:
    found = read_roster_file(content)

    first = found.mistakes[0]
    assert (first.line, says in first.says) == (line, True), first
    assert len(first.says) < 300


def test_no_more_mistakes_are_told_than_are_read() -> None:
    assert len(read_roster_file(b"name\n" + b"<\n" * 4000).mistakes) == 51


def test_what_was_exported_is_read_back_and_runs_in_no_spreadsheet() -> None:
    members = [
        Member("+ann", Role.STUDENT, "=1+1"),
        Member("@ben", Role.ASSISTANT, "'quoted'"),
        Member("-cem O'Neill", Role.INSTRUCTOR, 'a "b", c'),
    ]

    text = roster_csv(members)

    assert not any(
        cell.startswith(("=", "+", "-", "@")) for cell in text.replace(",", "\n").split()
    )
    found = read_roster_file(text.encode())
    assert found.mistakes == ()
    assert [
        Member(each.name, each.role or Role.STUDENT, each.section or "") for each in found.people
    ] == members

"""What of an assignment's folder is part of its snapshot, and what is refused."""

import os
from pathlib import Path

import pytest

from grader.domain.releases import Snapshot
from grader.errors import AssignmentError
from grader.suite.folder import load_suite, read_assignment, take_snapshot
from tests.assignments import write_assignment

OTHER_DATA = '\n[data]\nsource = "{}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the small assignment's folder."""
    return write_assignment(tmp_path / "reference" / "doubling").path


def take_data_from(folder: Path, source: str) -> None:
    """Let the assignment name a data source."""
    with (folder / "assignment.toml").open("a") as file:
        file.write(OTHER_DATA.format(source))


def test_snapshot_holds_what_grades_and_nothing_else(folder: Path) -> None:
    for name in ("mutants/half/answer.py", "notes.txt", "suite/.#lock", "suite/__pycache__/x.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")

    assert sorted(take_snapshot(folder).files) == [
        "assignment.toml",
        "scaffold/course/__init__.py",
        "scaffold/course/tools.py",
        "solution/answer.py",
        "solution/helper.py",
        "starter/answer.py",
        "starter/helper.py",
        "suite/test_cases.py",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "assignment.toml",
        "suite/test_cases.py",
        "scaffold/course/tools.py",
        "starter/answer.py",
        "solution/answer.py",
    ],
)
def test_any_change_of_what_grades_is_another_version(folder: Path, path: str) -> None:
    before = load_suite(folder).version

    (folder / path).write_text((folder / path).read_text() + "\n# changed\n")

    assert load_suite(folder).version != before


def test_file_that_moves_is_another_version(folder: Path) -> None:
    before = load_suite(folder).version

    (folder / "suite" / "test_cases.py").rename(folder / "suite" / "test_others.py")

    assert load_suite(folder).version != before


def test_mutant_is_no_part_of_the_version(folder: Path) -> None:
    before = load_suite(folder).version
    (folder / "mutants").mkdir()

    (folder / "mutants" / "expected.toml").write_text("")

    assert load_suite(folder).version == before


def test_other_runtime_is_another_version() -> None:
    files = {"assignment.toml": b"x"}

    assert (
        Snapshot("a", files, {"numpy": "1"}).version != Snapshot("a", files, {"numpy": "2"}).version
    )


def test_where_one_file_ends_and_the_next_begins_is_part_of_the_version() -> None:
    first = Snapshot("a", {"a": b"1", "b": b"2"}, {})

    assert first.version != Snapshot("a", {"a": b"11:b1:2"}, {}).version


@pytest.mark.parametrize("absolute", [True, False])
def test_data_from_elsewhere_is_kept_in_the_snapshot_and_found_there(
    folder: Path, tmp_path: Path, absolute: bool
) -> None:
    csv = tmp_path / "houses.csv"
    csv.write_text("1,2\n")
    take_data_from(folder, str(csv) if absolute else "../../houses.csv")
    snapshot = take_snapshot(folder)
    unpacked = tmp_path / "cache" / "doubling"
    for path, content in snapshot.files.items():
        (unpacked / path).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / path).write_bytes(content)
    csv.unlink()

    again = read_assignment(unpacked)

    assert (unpacked / again.data_source).read_text() == "1,2\n"
    assert take_snapshot(unpacked) == snapshot


def test_link_that_is_the_named_data_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("1,2\n")
    (folder / "data").mkdir()
    (folder / "data" / "houses.csv").symlink_to(tmp_path / "houses.csv")
    take_data_from(folder, "data/houses.csv")

    assert take_snapshot(folder).files["data/houses.csv"] == b"1,2\n"


@pytest.mark.parametrize("place", ["suite/more.py", "scaffold/linked", "data"])
def test_other_link_is_refused(folder: Path, place: str) -> None:
    (folder / place).symlink_to(folder / "solution")

    with pytest.raises(AssignmentError, match="symbolic link: put what it leads to in its place"):
        take_snapshot(folder)


def test_what_is_neither_file_nor_folder_is_refused_unread(folder: Path) -> None:
    os.mkfifo(folder / "suite" / "pipe")

    with pytest.raises(AssignmentError, match="neither file nor folder"):
        take_snapshot(folder)


def test_too_much_data_is_refused_unread(folder: Path) -> None:
    (folder / "data").mkdir()
    with (folder / "data" / "sparse.bin").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(AssignmentError, match=r"64 MiB in all, and data/sparse\.bin"):
        take_snapshot(folder)


def test_too_many_files_are_refused(folder: Path) -> None:
    (folder / "data").mkdir()
    for number in range(1000):
        (folder / "data" / str(number)).touch()

    with pytest.raises(AssignmentError, match="1000 files"):
        take_snapshot(folder)


def test_path_that_cannot_be_kept_is_refused(folder: Path) -> None:
    (folder / "suite" / "odd\nname.py").write_text("")

    with pytest.raises(AssignmentError, match="cannot be kept"):
        take_snapshot(folder)

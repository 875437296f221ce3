"""Reading a submission from this machine."""

import os
from pathlib import Path

import pytest

from grader.cli.paths import read_path
from grader.errors import NotFound, UploadRefused, UsageError
from tests.factories import a_zip, an_assignment

PARTIAL = an_assignment(partial_uploads=True)


def test_folder_is_searched_as_a_zip_is(tmp_path: Path) -> None:
    networks = tmp_path / "deep" / "exercise_code" / "networks"
    networks.mkdir(parents=True)
    (networks / "loss.py").write_bytes(b"right\r\n")
    (tmp_path / "loss.py").write_bytes(b"old")
    (tmp_path / "notes.txt").write_bytes(b"")

    assert read_path(PARTIAL, str(tmp_path)).files == {"loss.py": b"right\r\n"}


def test_zip_and_single_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(a_zip({"solver.py": b"x"}))
    (tmp_path / "loss.py").write_bytes(b"y")

    assert read_path(PARTIAL, str(tmp_path / "a.zip")).files == {"solver.py": b"x"}
    assert read_path(PARTIAL, str(tmp_path / "loss.py")).files == {"loss.py": b"y"}


@pytest.mark.parametrize("folder", [".git", ".venv", "__pycache__", "__MACOSX"])
def test_folders_of_tools_are_passed_over(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "loss.py").write_bytes(b"not theirs")
    (tmp_path / "loss.py").write_bytes(b"theirs")

    assert read_path(PARTIAL, str(tmp_path)).files == {"loss.py": b"theirs"}


def test_folder_of_several_submissions_is_told_how_they_are_named(tmp_path: Path) -> None:
    for name in ("ann", "ben"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "loss.py").write_bytes(b"x")

    with pytest.raises(UploadRefused, match="several submissions") as refused:
        read_path(PARTIAL, str(tmp_path))

    assert str(refused.value).endswith(f"as in {tmp_path}/*/")


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_path(PARTIAL, str(tmp_path / "gone"))


def test_links_are_refused_and_loops_end(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "loss.py").symlink_to("/etc/passwd")

    with pytest.raises(UploadRefused) as refusal:
        read_path(PARTIAL, str(tmp_path))

    assert refusal.value.reason == "unsafe_path"


def test_pipe_is_refused_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "loss.py")

    with pytest.raises(UploadRefused):
        read_path(PARTIAL, str(tmp_path))


@pytest.mark.parametrize("name", ["loss.py", "hw4.zip"])
def test_pipe_given_by_itself_is_refused_too(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)

    with pytest.raises(UsageError):
        read_path(PARTIAL, str(tmp_path / name))

"""Snapshots on disk: whole and as they were released, or not used."""

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from stat import S_IMODE

import pytest

from grader.domain.releases import Release, Snapshot
from grader.errors import GraderError
from grader.suite.cache import SuiteCache
from tests.factories import an_assignment

FILES = {"assignment.toml": b"title = 1", "suite/a.py": b"x = 1", "suite/b.py": b"", "data/c": b"3"}
SNAPSHOT = Snapshot("hw4", FILES, {"numpy": "2.3"})
RELEASE = Release(1, an_assignment(), SNAPSHOT.version, SNAPSHOT.runtime)


def unpack(cache: SuiteCache) -> Path:
    """Unpack the snapshot."""
    return cache.unpack(RELEASE, lambda: SNAPSHOT)


def asked_for_nothing() -> Snapshot:
    """Stand where a snapshot must not be asked for."""
    raise AssertionError("unpacked again")


def files_in(place: Path) -> dict[str, bytes]:
    """Return all files by path."""
    found = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in found}


def test_snapshot_is_unpacked_read_only_in_a_folder_of_the_assignments_name(tmp_path: Path) -> None:
    place = unpack(SuiteCache(tmp_path / "var" / "suites"))

    assert place == tmp_path / "var" / "suites" / SNAPSHOT.version / "hw4"
    assert files_in(place) == FILES
    assert {S_IMODE(path.stat().st_mode) for path in place.rglob("*") if path.is_file()} == {0o444}


def test_what_is_there_as_released_is_not_unpacked_again(tmp_path: Path) -> None:
    place = unpack(SuiteCache(tmp_path))

    assert SuiteCache(tmp_path).unpack(RELEASE, asked_for_nothing) == place


def _change(place: Path) -> None:
    (place / "suite" / "a.py").chmod(0o600)
    (place / "suite" / "a.py").write_text("x = 2")


def _truncate(place: Path) -> None:
    os.truncate(place / "suite" / "a.py", 2)


def _take_away(place: Path) -> None:
    (place / "suite" / "b.py").unlink()


def _add(place: Path) -> None:
    (place / "suite" / "conftest.py").write_text("")


def _add_compiled(place: Path) -> None:
    (place / "suite" / "__pycache__").mkdir()
    (place / "suite" / "__pycache__" / "a.cpython-311.pyc").write_text("")


def _link(place: Path) -> None:
    (place / "suite" / "a.py").rename(place.parent / "elsewhere.py")
    (place / "suite" / "a.py").symlink_to(place.parent / "elsewhere.py")


@pytest.mark.parametrize("harm", [_change, _truncate, _take_away, _add, _add_compiled, _link])
def test_what_is_not_as_released_is_unpacked_anew(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    cache = SuiteCache(tmp_path)
    harm(unpack(cache))

    place = unpack(cache)

    assert files_in(place) == FILES
    assert not any(path.is_symlink() for path in place.rglob("*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", SNAPSHOT.version]


def test_release_whose_files_have_another_hash_is_not_used(tmp_path: Path) -> None:
    other = Snapshot("hw4", {**FILES, "suite/a.py": b"x = 2"}, SNAPSHOT.runtime)

    with pytest.raises(GraderError, match="damaged"):
        SuiteCache(tmp_path).unpack(RELEASE, lambda: other)

    assert not (tmp_path / SNAPSHOT.version).exists()


class _Deadly(Mapping[str, bytes]):
    """Files of which the last kills the process that writes them."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __getitem__(self, path: str) -> bytes:
        if path == [*FILES][-1] and any(self._root.glob(".unfinished-*")):
            os.kill(os.getpid(), signal.SIGKILL)
        return FILES[path]

    def __iter__(self) -> Iterator[str]:
        return iter(FILES)

    def __len__(self) -> int:
        return len(FILES)


def test_process_killed_while_it_unpacks_leaves_nothing_that_is_used(tmp_path: Path) -> None:
    deadly = Snapshot("hw4", _Deadly(tmp_path), SNAPSHOT.runtime)
    cache = SuiteCache(tmp_path)
    victim = multiprocessing.get_context("fork").Process(
        target=cache.unpack, args=(RELEASE, lambda: deadly)
    )
    victim.start()
    victim.join()
    left = [path.relative_to(tmp_path).parts[1:] for path in tmp_path.glob(".unfinished-*/*/*")]

    place = unpack(cache)

    assert victim.exitcode == -signal.SIGKILL
    assert left
    assert files_in(place) == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", SNAPSHOT.version]


def test_many_at_once_unpack_once(tmp_path: Path) -> None:
    asked: list[int] = []

    def load() -> Snapshot:
        asked.append(1)
        return SNAPSHOT

    threads = [
        threading.Thread(target=SuiteCache(tmp_path).unpack, args=(RELEASE, load)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(asked) == 1
    assert files_in(SuiteCache(tmp_path).place(SNAPSHOT.version, "hw4")) == FILES


def test_disk_that_takes_no_more_is_told_plainly_and_leaves_nothing(tmp_path: Path) -> None:
    cache = SuiteCache(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6, before[1]))
    try:
        with pytest.raises(GraderError, match=r"cannot be unpacked: File too large"):
            unpack(cache)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    assert files_in(unpack(cache)) == FILES

"""Files that a command writes its results to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import UsageError


def require_writable(*paths: Path | None) -> None:
    """Open each path for writing before the work is done whose result would be lost.

    Raises:
        UsageError: one cannot be written; the message names it.
    """
    for path in filter(None, paths):
        new = not path.exists()
        with _told_plainly(path), path.open("ab"):
            pass
        if new:
            path.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a result.

    Raises:
        UsageError: it cannot be written; the message names it.
    """
    with _told_plainly(path):
        path.write_text(text, encoding="utf-8")


@contextmanager
def _told_plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error

"""Snapshots of an assignment, and which of them grades."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from grader.domain.assignments import Assignment

_VERSION_CHARACTERS = 16


@dataclass(frozen=True)
class Snapshot:
    """All of an assignment that grades: its files by path, and what they are run with.

    `runtime` names versions of Python and of libraries: the same suite may judge otherwise by
    others.
    """

    name: str
    files: Mapping[str, bytes]
    runtime: Mapping[str, str]

    @property
    def version(self) -> str:
        """The suite version: the hash of all that the snapshot holds."""
        digest = hashlib.sha256(_sized(self.name.encode()))
        for name, version in sorted(self.runtime.items()):
            digest.update(_sized(f"{name} {version}".encode()))
        for path, content in sorted(self.files.items()):
            digest.update(_sized(path.encode()) + _sized(content))
        return digest.hexdigest()[:_VERSION_CHARACTERS]


@dataclass(frozen=True)
class Release:
    """A kept snapshot, without its files; `id` grows from one release to the next."""

    id: int
    assignment: Assignment
    version: str
    runtime: Mapping[str, str]


def _sized(content: bytes) -> bytes:
    """Return content after its length, so that no two lists of contents read alike."""
    return f"{len(content)}:".encode() + content

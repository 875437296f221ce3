"""Services that have released an assignment, for tests that need one."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.domain.releases import Snapshot
from grader.queue.releases import Releases
from grader.storage.database import Database
from grader.suite.folder import runtime, take_snapshot
from grader.workflow.releases import release
from grader.workflow.service import Service
from tests.factories import HW4_FILES

WHO = "a test"


def a_service(database: Database, **changes: object) -> Service:
    """Give a service of `demo/hw4`, which takes partial uploads and has no case to grade with.

    `changes` are of what its `assignment.toml` says.
    """
    says = {"title": "HW4", "partial_uploads": True, "files": HW4_FILES, **changes}
    service = no_suites(database)
    snapshot = Snapshot("hw4", {"assignment.toml": _toml(says).encode()}, runtime())
    release(service, snapshot, WHO)
    return service


def no_suites(database: Database) -> Service:
    """Give a service that has released nothing."""
    return Service(database, Releases(database, Path("no-cache-is-needed")))


def released(database: Database, folder: Path, cache: Path) -> Service:
    """Give a service that has released the assignment of a folder, unchecked."""
    service = Service(database, Releases(database, cache))
    release(service, take_snapshot(folder), WHO)
    return service


def _toml(table: Mapping[str, Any]) -> str:
    return "{}\n".format("\n".join(f"{key} = {_value(value)}" for key, value in table.items()))


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    return value.isoformat() if isinstance(value, datetime) else json.dumps(value)

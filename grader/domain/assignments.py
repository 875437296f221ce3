"""What `assignment.toml` says, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from types import UnionType
from typing import Any

from grader.errors import AssignmentError


class LatePolicy(StrEnum):
    """What becomes of an upload after the due date."""

    ACCEPT = "accept"  # and told to be late
    REFUSE = "refuse"


class Counts(StrEnum):
    """Which of a student's graded attempts counts."""

    BEST = "best"
    LAST = "last"


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    CPU seconds decide; wall clock at `wall_factor` times that is the backstop.
    """

    case_seconds: float = 1.0
    import_seconds: float = 5.0
    run_seconds: float = 60.0
    wall_factor: float = 5.0
    memory_bytes: int = 512 << 20  # beyond what the child starts with
    output_bytes: int = 64 << 10  # kept of what one case prints


@dataclass(frozen=True)
class Assignment:
    """One assignment. `files` maps the name of each file to the module it is inside."""

    name: str
    title: str
    files: Mapping[str, str]
    course: str = "demo"
    opens: datetime | None = None
    due: datetime | None = None
    late_policy: LatePolicy = LatePolicy.ACCEPT
    attempt_limit: int | None = None
    uploads_per_minute: int = 60  # of one student: more than anyone makes by hand
    most_waiting: int = 10  # uploads of one student that are not graded yet
    counts: Counts = Counts.BEST
    pass_mark: float = 80.0
    partial_uploads: bool = False
    stub_modules: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    data_source: str = "generated"
    canvas_id: int | None = None  # by which Canvas knows the assignment


# key of the table [limits] -> field of Limits, and its unit in that field's
_LIMITS = {
    "case_seconds": ("case_seconds", 1),
    "import_seconds": ("import_seconds", 1),
    "run_seconds": ("run_seconds", 1),
    "wall_factor": ("wall_factor", 1),
    "memory_mib": ("memory_bytes", 1 << 20),
    "output_kib": ("output_bytes", 1 << 10),
}
_CHOICES: dict[str, type[StrEnum]] = {"late_policy": LatePolicy, "counts": Counts}
_SIMPLE: dict[str, tuple[type | UnionType, str]] = {
    "course": (str, "a name in quotes"),
    "attempt_limit": (int, "a whole number"),
    "uploads_per_minute": (int, "a whole number"),
    "most_waiting": (int, "a whole number"),
    "canvas_id": (int, "a whole number"),
    "pass_mark": (int | float, "a number"),
    "partial_uploads": (bool, "true or false"),
}
_KNOWN = {"title", "files", "opens", "due", "stub_modules", "limits", "data", *_CHOICES, *_SIMPLE}


def parse_assignment(name: str, table: Mapping[str, Any]) -> Assignment:
    """Turn the table of `assignment.toml` into an `Assignment`.

    Raises:
        AssignmentError: a key is missing, unknown or of the wrong kind; the message names it.
    """
    if unknown := sorted(table.keys() - _KNOWN):
        raise AssignmentError(f"assignment.toml of {name} has unknown keys: {', '.join(unknown)}")
    files = table.get("files")
    if not isinstance(files, Mapping) or not files:
        raise AssignmentError(f"{name} needs a table [files] of upload name = module")
    for upload, module in files.items():
        _check_file(name, upload, module)
    fields: dict[str, Any] = {}
    for key, (kind, wanted) in _SIMPLE.items():
        if key not in table:
            continue
        value = table[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise AssignmentError(f"{key} of {name} must be {wanted}, not {value!r}")
        fields[key] = value
    for key in ("uploads_per_minute", "most_waiting"):
        if fields.get(key, 1) < 1:
            raise AssignmentError(f"{key} of {name} must be 1 or more")
    for key in ("limits", "data"):
        if not isinstance(table.get(key, {}), Mapping):
            raise AssignmentError(f"{key} of {name} must be a table, [{key}]")
    for key, choices in _CHOICES.items():
        if key not in table:
            continue
        if (value := table[key]) not in list(choices):
            known = ", ".join(choices)
            raise AssignmentError(f"{key} of {name} is {value!r}; it must be one of {known}")
        fields[key] = choices(value)
    return Assignment(
        name=name,
        title=str(table.get("title", name)),
        files=dict(files),
        opens=_moment(name, table, "opens"),
        due=_moment(name, table, "due"),
        stub_modules=_names(name, table, "stub_modules"),
        limits=_limits(name, table.get("limits", {})),
        data_source=str(table.get("data", {}).get("source", "generated")),
        **fields,
    )


def _check_file(name: str, upload: str, module: object) -> None:
    if PurePosixPath(upload).name != upload or not upload.endswith(".py"):
        raise AssignmentError(f"file {upload!r} of {name} must be a bare name that ends in .py")
    if not isinstance(module, str) or not all(part.isidentifier() for part in module.split(".")):
        raise AssignmentError(f"file {upload!r} of {name} needs a module name, not {module!r}")


def _names(name: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise AssignmentError(f"{key} of {name} must be a list of names, not {value!r}")
    return tuple(value)


def _moment(name: str, table: Mapping[str, Any], key: str) -> datetime | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise AssignmentError(
            f"{key} of {name} must be a date and time with its zone, as 2026-12-01T23:59:00+01:00"
        )
    return value


def _limits(name: str, table: Mapping[str, Any]) -> Limits:
    given: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _LIMITS:
            known = ", ".join(_LIMITS)
            raise AssignmentError(f"limits of {name} has an unknown key {key}; known: {known}")
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise AssignmentError(f"limit {key} of {name} must be a number above 0, not {value!r}")
        field_name, unit = _LIMITS[key]
        given[field_name] = float(value) if unit == 1 else int(value * unit)
    return Limits(**given)

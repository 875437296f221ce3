"""What `assignment.toml` may say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from grader.domain.assignments import Assignment, Counts, LatePolicy, parse_assignment
from grader.errors import AssignmentError

FILES = {"loss.py": "src.loss"}


def test_only_files_must_be_said() -> None:
    assert parse_assignment("hw4", {"files": FILES}) == Assignment("hw4", "hw4", FILES)


def test_all_that_is_said_is_taken() -> None:
    due = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
    says = {
        "title": "HW4",
        "files": FILES,
        "due": due,
        "late_policy": "refuse",
        "counts": "last",
        "pass_mark": 60,
        "stub_modules": ["tkinter"],
        "limits": {"memory_mib": 64, "case_seconds": 2},
    }

    assignment = parse_assignment("hw4", says)

    assert (assignment.title, assignment.due, assignment.pass_mark) == ("HW4", due, 60)
    assert assignment.late_policy is LatePolicy.REFUSE
    assert assignment.counts is Counts.LAST
    assert assignment.stub_modules == ("tkinter",)
    assert assignment.limits.memory_bytes == 64 << 20
    assert assignment.limits.case_seconds == 2.0


@pytest.mark.parametrize(
    ("says", "named"),
    [
        pytest.param({"files": {}}, "files", id="no files"),
        pytest.param({"files": {"a/loss.py": "loss"}}, "a/loss.py", id="path for a file"),
        pytest.param({"files": {"loss.py": "no-module"}}, "loss.py", id="no module's name"),
        pytest.param({"pass_mrak": 80}, "pass_mrak", id="unknown key"),
        pytest.param({"pass_mark": "eighty"}, "pass_mark", id="words for a number"),
        pytest.param({"attempt_limit": True}, "attempt_limit", id="truth for a number"),
        pytest.param({"partial_uploads": "no"}, "partial_uploads", id="words for a truth"),
        pytest.param({"uploads_per_minute": 0}, "uploads_per_minute", id="no uploads at all"),
        pytest.param({"late_policy": "forgive"}, "accept, refuse", id="unknown policy"),
        pytest.param({"counts": ["best"]}, "best, last", id="list for a choice"),
        pytest.param({"due": datetime(2026, 12, 1)}, "zone", id="due without a zone"),
        pytest.param({"stub_modules": "tkinter"}, "stub_modules", id="one name for a list"),
        pytest.param({"limits": 3}, "limits", id="number for a table"),
        pytest.param({"limits": {"memory": 1}}, "memory_mib", id="unknown limit"),
        pytest.param({"limits": {"case_seconds": 0}}, "case_seconds", id="no time"),
    ],
)
def test_what_is_wrong_is_named(says: dict[str, Any], named: str) -> None:
    with pytest.raises(AssignmentError, match=named):
        parse_assignment("hw4", {"files": FILES, **says})

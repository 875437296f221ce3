"""Runs to claim."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from grader.storage import courses, people, runs, submissions
from grader.storage.database import Database
from grader.storage.runs import UPLOAD, NewRun
from grader.storage.submissions import NewSubmission

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=15)
FILES = {"loss.py": b"x = 1\n", "solver.py": b"\xff\x00"}


@pytest.fixture
def enqueue(database: Database) -> Callable[..., int]:
    """Give a function that stores a submission, Ann's if not said, and returns its run's id."""

    def enqueue(trigger: str = UPLOAD, student: str = "ann") -> int:
        with database.writing() as session:
            stored = courses.ensure_assignment(session, "demo", "hw4", "HW4")
            person = people.ensure_person(session, student)
            attempt = submissions.attempts_made(session, stored.id, person) + 1
            new = NewSubmission(stored.id, person, attempt, False, NOW, FILES)
            submission_id = submissions.add(session, new)
            return runs.add(session, NewRun(submission_id, trigger, "a" * 64, 2**32 - 1, NOW))

    return enqueue

"""A class made straight in a database file: nothing is graded, all stands as if it had been."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from grader.domain.people import Role
from grader.domain.runs import RunStatus
from grader.domain.verdicts import Verdict, Visibility
from grader.storage import courses
from grader.storage.contents import keep
from grader.storage.database import Database
from grader.storage.tables import (
    CaseResultRow,
    PersonRow,
    RosterRow,
    RunRow,
    SubmissionFileRow,
    SubmissionRow,
    Table,
)

# Each with its file, its points, and how often a student never gets it right.
_CASES = (
    ("Sigmoid_Of_Zero", "classifier.py", 5.0, 0.02),
    ("Sigmoid_Of_Zero_Array", "classifier.py", 5.0, 0.03),
    ("Sigmoid_Of_100", "classifier.py", 5.0, 0.05),
    ("Sigmoid_Of_Array_of_100", "classifier.py", 5.0, 0.06),
    ("ClassifierForwardTest", "classifier.py", 10.0, 0.06),
    ("ClassifierBackwardTest", "classifier.py", 10.0, 0.24),
    ("BCEForwardTest", "loss.py", 10.0, 0.08),
    ("BCEBackwardTest", "loss.py", 10.0, 0.12),
    ("OptimizerStepTest", "optimizer.py", 10.0, 0.04),
    ("SolverStepTest", "solver.py", 15.0, 0.1),
    ("SolverAccuracyTest", "solver.py", 15.0, 0.14),
)
_HINT = "The gradient of each sample's loss with respect to what the network said, row by row."
_MISTAKES = (
    "backward returned None: is a return missing?",
    "backward returned {0:.4f} at [1, 0], but {1:.4f} was expected; 3 of 8 values differ, this one "
    "most.",
    "backward returned the expected array without its last column: shape (4, 2) instead of (4, 3).",
    "NameError: name 'y_true' is not defined\n  loss.py, line 12, in forward\n    return y_true",
)
_SERIES = [{"name": "loss", "values": [round(0.69 - step / 1000, 4) for step in range(200)]}]
_AT_ONCE = 2000  # submissions in one statement
_SEED = 11
_SEMESTER = timedelta(weeks=4)


@dataclass(frozen=True)
class Place:
    """Where the class goes, and what grades it: the released suite version, and one before it."""

    course: str
    assignment: str
    version: str
    version_before: str = "0" * 16


@dataclass(frozen=True)
class _Student:
    """A student: the cases that they never get right, each with their mistake."""

    stuck: dict[str, int]


def fill(database: Database, place: Place, students: int, submissions: int) -> None:
    """Enter a class of so many students with so many submissions between them, all graded."""
    draw = random.Random(_SEED)  # noqa: S311  # nothing here is to be kept from anybody
    with database.writing() as session:
        stored = courses.ensure_assignment(session, place.course, place.assignment, "HW4")
        people = [PersonRow(name=f"student {number:04}") for number in range(students)]
        session.add_all(people)
        session.flush()
        ids = [person.id for person in people]
        part = {"course_id": stored.course_id, "role": Role.STUDENT}
        session.execute(insert(RosterRow), [{**part, "person_id": each} for each in ids])
        (sha256,) = keep(session, {"loss.py": b"def forward(y):\n    return y\n"}).values()
        # Nobody's number of attempts is like another's.
        owners = ids + draw.choices(ids, k=submissions - students)
        draw.shuffle(owners)
        made = list(_submissions(stored.id, owners, draw))
        class_ = {each: _student(draw) for each in ids}
        for start in range(0, len(made), _AT_ONCE):
            _store(session, made[start : start + _AT_ONCE], place, sha256, class_, draw)


def _submissions(
    assignment_id: int, owners: Sequence[int], draw: random.Random
) -> Iterator[dict[str, Any]]:
    attempts: dict[int, int] = {}
    now = datetime.now(UTC)
    moments = sorted(now - _SEMESTER * draw.betavariate(1, 2) for _ in owners)
    for number, (owner, moment) in enumerate(zip(owners, moments, strict=True), 1):
        attempts[owner] = attempts.get(owner, 0) + 1
        yield {
            "id": number,
            "assignment_id": assignment_id,
            "person_id": owner,
            "attempt": attempts[owner],
            "late": draw.random() < 0.05,
            "created_at": moment,
            "warnings": [],
            "current_run_id": None,
        }


def _student(draw: random.Random) -> _Student:
    often = {name: often for name, _, _, often in _CASES}
    if draw.random() < 0.62:
        return _Student({})
    mistakes = range(len(_MISTAKES))
    return _Student(
        {
            name: draw.choices(mistakes, (5, 3, 2, 1))[0]
            for name, share in often.items()
            if draw.random() < 2 * share
        }
    )


def _store(
    session: Session,
    made: Sequence[dict[str, Any]],
    place: Place,
    sha256: str,
    class_: Mapping[int, _Student],
    draw: random.Random,
) -> None:
    session.execute(insert(SubmissionRow), list(made))
    runs, cases = [], []
    for each in made:
        old = draw.random() < 0.02
        version = place.version_before if old else place.version
        rows = list(_cases(each["id"], version, class_[each["person_id"]], draw))
        cases += rows
        runs.append(_run(each, version, rows, draw))
    session.execute(insert(RunRow), runs)
    session.execute(insert(CaseResultRow), cases)
    files = [{"submission_id": each["id"], "name": "loss.py", "sha256": sha256} for each in made]
    session.execute(insert(SubmissionFileRow), files)
    first, last = made[0]["id"], made[-1]["id"]
    # A submission's run has its number here.
    session.execute(
        Table.metadata.tables["submission"]
        .update()
        .where(SubmissionRow.id.between(first, last))
        .values(current_run_id=SubmissionRow.id)
    )


def _run(
    submission: dict[str, Any], version: str, cases: Sequence[dict[str, Any]], draw: random.Random
) -> dict[str, Any]:
    moment = submission["created_at"]
    return {
        "id": submission["id"],
        "submission_id": submission["id"],
        "number": 1,
        "trigger": "upload",
        "priority": 0,
        "turn": 0,
        "suite_version": version,
        "seed": draw.getrandbits(53),
        "asked_cases": [],
        "status": RunStatus.GRADED,
        "tries": 1,
        "failures": 0,
        "queued_at": moment,
        "started_at": moment,
        "finished_at": moment + timedelta(seconds=0.1),
        "seconds": 0.07,
        "points": sum(case["points"] for case in cases),
        "max_points": 100.0,
        "notes": [],
        "error": "",
    }


def _cases(
    run_id: int, version: str, student: _Student, draw: random.Random
) -> Iterator[dict[str, Any]]:
    careless = draw.choice((0.0, 0.0, 0.2, 0.6))  # what is mended until the last attempt
    for position, (name, file, points, _often) in enumerate(_CASES):
        stuck = student.stuck.get(name)
        lost = stuck is not None or draw.random() < careless
        told = _MISTAKES[stuck if stuck is not None else draw.randrange(len(_MISTAKES))]
        message = told.format(draw.random(), draw.random()) if lost else ""
        yield {
            "run_id": run_id,
            "position": position,
            "suite_version": version,
            "name": name,
            "file": file,
            "points": 0.0 if lost else points,
            "max_points": points,
            "verdict": Verdict.WRONG_ANSWER if lost else Verdict.ACCEPTED,
            "visibility": Visibility.VISIBLE,
            "message": message,
            "hint": _HINT if lost else "",
            "seconds": 0.002,
            "output": "",
            "notes": [],
            "series": _SERIES if position == len(_CASES) - 1 else [],
        }

"""How each student of a class stands at an assignment, and which of them to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from grader.domain.assignments import Assignment


class Progress(StrEnum):
    """How far a student is."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    WAITING = "waiting"  # handed in, and nothing of it graded yet
    NO_SCORE = "no_score"  # handed in, and all of it failed by our fault or was cancelled
    NOTHING = "nothing"  # handed in


@dataclass(frozen=True)
class Counted:
    """The submission that counts, with its run."""

    submission_id: int
    attempt: int
    late: bool
    run_id: int
    points: float
    max_points: float
    suite_version: str


@dataclass(frozen=True)
class Entry:
    """One student: what counts, and what they did. `attempts` is the number of the last one."""

    student: str
    attempts: int = 0
    last_activity: datetime | None = None
    waiting: int = 0  # submissions that are not graded yet
    failed: int = 0  # submissions whose run failed, which staff must see to
    stale: int = 0  # submissions graded by another suite version than the released one
    counted: Counted | None = None
    section: str = ""

    def progress(self, pass_mark: float) -> Progress:
        """Return how far they are."""
        if self.counted is not None:
            passed = self.counted.points >= pass_mark
            return Progress.PASSED if passed else Progress.NOT_PASSED
        if not self.attempts:
            return Progress.NOTHING
        return Progress.WAITING if self.waiting else Progress.NO_SCORE


@dataclass(frozen=True)
class Cell:
    """What a case of the counted submission came to."""

    name: str
    points: float
    max_points: float
    message: str = ""

    @property
    def lost(self) -> bool:
        """Return whether it cost points."""
        return self.points < self.max_points


class Column(StrEnum):
    """What a gradebook can be sorted by, besides its cases."""

    STUDENT = "student"
    SCORE = "score"
    ATTEMPTS = "attempts"
    LAST = "last"
    LATE = "late"


CASE_PREFIX = "case:"


@dataclass(frozen=True)
class Order:
    """By which column, or by which case as `case:NAME`, and whether from the largest down."""

    by: str = Column.STUDENT
    descending: bool = False

    @property
    def case(self) -> str:
        """Return the case, or nothing where it is no case."""
        return self.by.removeprefix(CASE_PREFIX) if self.by.startswith(CASE_PREFIX) else ""


class Show(StrEnum):
    """Which students to show."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    NO_SCORE = "no_score"
    NOTHING = "nothing"
    WAITING = "waiting"  # something of theirs is not graded yet
    FAILED = "failed"  # a run of theirs failed by our fault
    LATE = "late"  # what counts came after the due date
    STALE = "stale"  # something of theirs was graded by another suite version


@dataclass(frozen=True)
class Wanted:
    """Which students to show: by name or section, by how they stand, by a case and its mistake.

    `mistake` is the key of one, as `mistake_kinds` makes it.
    """

    search: str = ""
    show: Show | None = None
    case: str = ""
    mistake: str = ""


@dataclass(frozen=True)
class Row:
    """A student, and what the cases of the counted submission came to, by their names."""

    entry: Entry
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Gradebook:
    """The students that were asked for: `rows`, of the `total` that match among `students`.

    `cases` are those of the released suite, as far as it has graded, then others that were met,
    each with its points. `message` is what those were told who made the mistake that was asked for.
    """

    assignment: Assignment
    assignment_id: int
    rows: tuple[Row, ...]
    cases: Mapping[str, float]
    total: int
    students: int
    max_score: float
    message: str = ""


def matching(entries: Sequence[Entry], wanted: Wanted, pass_mark: float) -> list[Entry]:
    """Return the students that are wanted, by all that an entry tells of them."""
    search = wanted.search.casefold()
    return [
        entry
        for entry in entries
        if any(search in text.casefold() for text in (entry.student, entry.section))
        and (wanted.show is None or _is_shown(entry, wanted.show, pass_mark))
    ]


def ordered(
    entries: Sequence[Entry], order: Order, cells: Mapping[int, Cell] | None = None
) -> list[Entry]:
    """Return entries in order; who has nothing in that column comes last, either way.

    `cells` are the results, by run, of the case to sort by.
    """
    by_name = sorted(entries, key=lambda entry: (entry.student.casefold(), entry.student))
    if order.by == Column.STUDENT:
        return by_name[::-1] if order.descending else by_name
    values = {entry.student: _value(entry, order, cells or {}) for entry in by_name}
    with_value = [entry for entry in by_name if values[entry.student] is not None]
    rest = [entry for entry in by_name if values[entry.student] is None]
    with_value.sort(key=lambda entry: values[entry.student] or 0.0, reverse=order.descending)
    return [*with_value, *rest]


def _is_shown(entry: Entry, show: Show, pass_mark: float) -> bool:
    match show:
        case Show.WAITING:
            return entry.waiting > 0
        case Show.FAILED:
            return entry.failed > 0
        case Show.STALE:
            return entry.stale > 0
        case Show.LATE:
            return entry.counted is not None and entry.counted.late
        case _:
            return entry.progress(pass_mark).value == show.value


def _value(entry: Entry, order: Order, cells: Mapping[int, Cell]) -> float | None:
    counted = entry.counted
    if order.case:
        cell = counted and cells.get(counted.run_id)
        return cell.points if cell else None
    match order.by:
        case Column.SCORE:
            return counted.points if counted else None
        case Column.ATTEMPTS:
            return float(entry.attempts)
        case Column.LATE:
            return float(counted.late) if counted else None
        case _:
            return entry.last_activity.timestamp() if entry.last_activity else None

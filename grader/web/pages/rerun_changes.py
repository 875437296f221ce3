"""What a rerun changes as its page shows it: student by student, each case before and after."""

from collections.abc import Iterable
from dataclasses import dataclass

from grader.domain.case_changes import CaseChange
from grader.domain.rerun_changes import Change, Counted, Row
from grader.domain.verdicts import CaseResult
from grader.web.pages.rerun_words import became_of, crossing
from grader.web.pages.texts import Shown, shown
from grader.web.pages.verdicts import Look, look_of

_MESSAGE_CHARACTERS = 600  # of a case before, and again after: a page holds hundreds
_ERROR_CHARACTERS = 2_000


@dataclass(frozen=True)
class Side:
    """A case in one of the two runs."""

    case: CaseResult
    look: Look
    message: Shown


@dataclass(frozen=True)
class CaseOnPage:
    """A case that comes out otherwise; None where one of the runs has no such."""

    name: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True)
class SubmissionOnPage:
    """A submission before and after; `became` says what was made of it."""

    row: Row
    became: str
    error: Shown
    cases: tuple[CaseOnPage, ...]


@dataclass(frozen=True)
class StudentOnPage:
    """A student's submissions on this page, and their score that counts."""

    name: str
    counted: Counted
    crossing: str
    submissions: tuple[SubmissionOnPage, ...]


def by_student(changes: Iterable[Change]) -> list[StudentOnPage]:
    """Return what changes under the names of the students, who come one after another."""
    of: dict[str, list[Change]] = {}
    for change in changes:
        of.setdefault(change.row.student, []).append(change)
    return [
        StudentOnPage(
            name=name,
            counted=theirs[0].counted,
            crossing=crossing(theirs[0].counted),
            submissions=tuple(_submission(change) for change in theirs),
        )
        for name, theirs in of.items()
    ]


def _submission(change: Change) -> SubmissionOnPage:
    row = change.row
    error = shown(row.after.error if row.failed else "", _ERROR_CHARACTERS)
    return SubmissionOnPage(
        row, became_of(row), error, tuple(_case(case) for case in change.cases if row.changed)
    )


def _case(change: CaseChange) -> CaseOnPage:
    return CaseOnPage(change.name, _side(change.before), _side(change.after))


def _side(case: CaseResult | None) -> Side | None:
    if case is None:
        return None
    return Side(case, look_of(case), shown(case.message, _MESSAGE_CHARACTERS))

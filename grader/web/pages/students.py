"""A student as staff see them: their attempts on a line, and the code of two side by side."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from grader.domain.attempts import Attempt, Attempts
from grader.domain.case_changes import case_changes
from grader.domain.runs import RunStatus
from grader.web.pages.access import SignedInPage, SignedInPageRoute
from grader.web.pages.attempt_pages import attempt_page, why_it_counts
from grader.web.pages.diffs import FileDiff, diffs
from grader.web.pages.inspection import ChangeOnPage, changes_on_page
from grader.web.pages.moments import course_clock
from grader.web.pages.numbers import number_in
from grader.web.pages.rendering import page
from grader.web.pages.timelines import timeline
from grader.web.parameters import Name, ThePlace
from grader.workflow.service import Service, now
from grader.workflow.students import Version, attempts_of, two_versions

router = APIRouter(route_class=SignedInPageRoute, include_in_schema=False)

_MOST_CHOICES = 200  # of a list to choose from

Number = Annotated[str, Query()]


@dataclass(frozen=True)
class FileCompared:
    """A file of two attempts: what changed in it, and the cases that came out otherwise."""

    diff: FileDiff
    changes: tuple[ChangeOnPage, ...]


@dataclass(frozen=True)
class Comparison:
    """Two attempts; `graded` where both have a result, `same_suite` where one suite judged both."""

    before: Attempt
    after: Attempt
    files: tuple[FileCompared, ...]
    graded: bool
    same_suite: bool

    @property
    def changes(self) -> int:
        """Return how many cases came out otherwise."""
        return sum(len(file.changes) for file in self.files)

    @property
    def same(self) -> tuple[str, ...]:
        """Return the names of the files that say the same in both, and cost or won nothing."""
        return tuple(
            file.diff.name
            for file in self.files
            if file.diff.what == "the same" and not file.changes
        )


@router.get("/courses/{course}/assignments/{assignment}/students/{student}")
def student(
    request: Request,
    access: SignedInPage,
    place: ThePlace,
    student: Name,
    before: Number = "",
    after: Number = "",
    listed: Annotated[str, Query(alias="page")] = "",
) -> Response:
    """Show a student's attempts, and what changed between two of them: else the last two."""
    attempts = attempts_of(access.service, access.identity, place, student)
    chosen = _chosen(attempts, number_in(before), number_in(after))
    return page(
        request,
        "student.html",
        student=student,
        attempts=attempts,
        assignment=attempts.assignment,
        clock=course_clock(attempts.assignment, now()),
        listed=attempt_page(attempts, number_in(listed) or 1),
        why=why_it_counts(attempts),
        timeline=timeline(attempts),
        choices=_choices(attempts, chosen),
        chosen=chosen,
        comparison=_compare(access.service, *chosen) if chosen else None,
    )


def _chosen(
    attempts: Attempts, before: int | None, after: int | None
) -> tuple[Attempt, Attempt] | None:
    """Return the two attempts to compare, or None where there are no two."""
    by_number = {each.number: each for each in attempts.made}
    if len(by_number) < 2:
        return None
    last, last_but_one, *_ = attempts.made
    return by_number.get(before or 0, last_but_one), by_number.get(after or 0, last)


def _choices(attempts: Attempts, chosen: tuple[Attempt, Attempt] | None) -> tuple[Attempt, ...]:
    wanted = {each.number for each in (*(chosen or ()), attempts.counts) if each is not None}
    return tuple(
        each
        for place, each in enumerate(attempts.made)
        if place < _MOST_CHOICES or each.number in wanted
    )


def _compare(service: Service, before: Attempt, after: Attempt) -> Comparison:
    one, other = two_versions(service, before, after)
    graded = _graded(one) and _graded(other)
    runs = one.submission.run, other.submission.run
    changes = changes_on_page(case_changes(runs[0].cases, runs[1].cases)) if graded else ()
    found = {diff.name: diff for diff in diffs(one.files, other.files)}
    named = dict.fromkeys([*found, *(change.file for change in changes)])
    return Comparison(
        before=before,
        after=after,
        files=tuple(
            FileCompared(
                found.get(name, FileDiff(name, "in neither")),
                tuple(change for change in changes if change.file == name),
            )
            for name in named
        ),
        graded=graded,
        same_suite=runs[0].suite_version == runs[1].suite_version,
    )


def _graded(version: Version) -> bool:
    return version.submission.run.status is RunStatus.GRADED

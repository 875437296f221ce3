"""A submission as staff see it: its result, its files beside their cases, and all its runs."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.domain.assignments import Assignment
from grader.domain.case_changes import CaseChange, case_changes
from grader.domain.runs import RunStatus
from grader.domain.submissions import PastRun, Submission, SubmissionView
from grader.domain.verdicts import CaseResult
from grader.web.archives import archive_name
from grader.web.pages.results import CaseOnPage, Result, read_result
from grader.web.pages.sources import Source, read_source, remarks_on
from grader.web.pages.texts import Shown, shown
from grader.web.pages.verdicts import Look, look_of
from grader.workflow.inspection import Inspection

# Of all files of a page together; a larger one has a page of its own. What is coloured counts.
_INLINE_BYTES = 40_000
_INLINE_LINES = 400
_SAID_CHARACTERS = 400


@dataclass(frozen=True)
class SourceOnPage:
    """A submitted file; without `source` it is too long to stand here. `id` is its place."""

    id: str
    name: str
    size: int  # bytes
    source: Source | None

    @property
    def marked(self) -> int:
        """Return of how many lines a case says something."""
        return sum(bool(line.remarks) for line in self.source.lines) if self.source else 0


@dataclass(frozen=True)
class FileToInspect:
    """A file's cases, and the file itself where it was handed in."""

    name: str
    cases: tuple[CaseOnPage, ...]
    handed_in: SourceOnPage | None

    @property
    def points(self) -> float:
        """Return the points earned."""
        return round(sum(each.case.points for each in self.cases), 6)

    @property
    def max_points(self) -> float:
        """Return the points to earn."""
        return round(sum(each.case.max_points for each in self.cases), 6)


@dataclass(frozen=True)
class Side:
    """A case in one of two runs; without a look it is not in that run."""

    look: Look | None
    points: float
    max_points: float
    said: Shown


@dataclass(frozen=True)
class ChangeOnPage:
    """A case that came out otherwise."""

    name: str
    file: str
    before: Side
    after: Side

    @property
    def gained(self) -> float:
        """Return the points that it gained, below 0 those it lost."""
        return round(self.after.points - self.before.points, 6)


@dataclass(frozen=True)
class RunOnPage:
    """A run, and in what the one that speaks for the submission differs from it."""

    past: PastRun
    changes: tuple[ChangeOnPage, ...] | None  # none where one of the two has no result


@dataclass(frozen=True)
class ToInspect:
    """All that the page of a submission shows to staff."""

    files: tuple[FileToInspect, ...]
    runs: tuple[RunOnPage, ...]
    command: str


def to_inspect(view: SubmissionView, assignment: Assignment, found: Inspection) -> ToInspect:
    """Return what the page shows; a submission without a result has its files and runs."""
    submission = view.submission
    sources = {each.name: each for each in _sources(found.contents, submission.run.cases)}
    result = read_result(view, assignment)
    return ToInspect(
        files=tuple(_files(result, sources)),
        runs=tuple(_runs(found.runs)),
        command=repeat_command(submission),
    )


def repeat_command(submission: Submission) -> str:
    """Return the command that repeats a submission's run on one's own machine."""
    assignment = shlex.quote(f"{submission.course}/{submission.assignment}")
    name = archive_name(submission.id)
    return f"grader grade {name} --assignment {assignment} --seed {submission.run.seed}"


def changes_on_page(changes: tuple[CaseChange, ...]) -> tuple[ChangeOnPage, ...]:
    """Return changed cases as a page shows them."""
    return tuple(
        ChangeOnPage(change.name, change.file, _side(change.before), _side(change.after))
        for change in changes
    )


def _side(case: CaseResult | None) -> Side:
    if case is None:
        return Side(None, 0.0, 0.0, Shown(""))
    said = shown(case.message, _SAID_CHARACTERS)
    return Side(look_of(case), case.points, case.max_points, said)


def _sources(
    contents: Mapping[str, bytes], cases: tuple[CaseResult, ...]
) -> Iterator[SourceOnPage]:
    left = _INLINE_BYTES
    for place, (name, content) in enumerate(contents.items(), 1):
        source = None
        if len(content) <= left and content.count(b"\n") < _INLINE_LINES:
            left -= len(content)
            source = read_source(content, 1, remarks_on(name, cases))
        yield SourceOnPage(f"source-{place}", name, len(content), source)


def _files(result: Result, sources: Mapping[str, SourceOnPage]) -> Iterator[FileToInspect]:
    named = {file.name: file.cases for file in result.files}
    for name in dict.fromkeys([*named, *sources]):
        yield FileToInspect(name, named.get(name, ()), sources.get(name))


def _runs(runs: tuple[PastRun, ...]) -> Iterator[RunOnPage]:
    speaks = next((past for past in runs if past.speaks), None)
    for past in runs:
        if speaks is None or past.speaks or not (_graded(past) and _graded(speaks)):
            yield RunOnPage(past, None)
        else:
            changes = case_changes(past.run.cases, speaks.run.cases)
            yield RunOnPage(past, changes_on_page(changes))


def _graded(past: PastRun) -> bool:
    return past.run.status is RunStatus.GRADED

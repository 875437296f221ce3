"""A graded submission as its page shows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.domain.advice import Mistake, mistakes
from grader.domain.assignments import Assignment
from grader.domain.submissions import SubmissionView
from grader.domain.verdicts import CaseResult, Visibility
from grader.web.pages.plots import Picture, pictures
from grader.web.pages.shapes import Shapes, shapes_of
from grader.web.pages.texts import OUTPUT_CHARACTERS, Message, Shown, read_message, shown
from grader.web.pages.verdicts import Look, look_of

_HINT_CHARACTERS = 2_000
_UNSEEN = {
    Visibility.HIDDEN: "hidden from students",
    Visibility.AFTER_DUE_DATE: "students see it after the due date",
    Visibility.AFTER_PUBLISHED: "hidden from students until published",
}


@dataclass(frozen=True)
class CaseOnPage:
    """One case; `id` is the place on the page."""

    id: str
    case: CaseResult
    look: Look
    message: Message
    hint: Shown
    output: Shown
    pictures: tuple[Picture, ...]
    shapes: Shapes | None

    @property
    def unseen(self) -> str:
        """Say that students do not see this case, or not yet; nothing where they do."""
        return _UNSEEN.get(self.case.visibility, "")

    @property
    def lost(self) -> bool:
        """Return whether there are points to win back."""
        return self.case.points < self.case.max_points


@dataclass(frozen=True)
class FileOnPage:
    """A file's cases, and what they came to together."""

    name: str
    handed_in: bool
    cases: tuple[CaseOnPage, ...]

    @property
    def points(self) -> float:
        """Return the points earned."""
        return round(sum(each.case.points for each in self.cases), 6)

    @property
    def max_points(self) -> float:
        """Return the points to earn."""
        return round(sum(each.case.max_points for each in self.cases), 6)


@dataclass(frozen=True)
class Fix:
    """A mistake to mend, and the cases that it costs."""

    mistake: Mistake
    message: Message
    cases: tuple[CaseOnPage, ...]


@dataclass(frozen=True)
class Result:
    """What a run came to: first what to mend, in order, then every case by its file."""

    fixes: tuple[Fix, ...]
    files: tuple[FileOnPage, ...]


def read_result(view: SubmissionView, assignment: Assignment) -> Result:
    """Return what the page of a graded submission shows."""
    names = [file.name for file in view.submission.files]
    results = view.submission.run.cases
    cases = [_case(f"case-{place}", case, names) for place, case in enumerate(results, 1)]
    return Result(
        fixes=tuple(_fix(mistake, cases, names) for mistake in mistakes(results, assignment.files)),
        files=tuple(_files(cases, assignment, names)),
    )


def _case(name: str, case: CaseResult, files: Sequence[str]) -> CaseOnPage:
    return CaseOnPage(
        id=name,
        case=case,
        look=look_of(case),
        message=read_message(case.message, files),
        hint=shown(case.hint, _HINT_CHARACTERS),
        output=shown(case.output, OUTPUT_CHARACTERS),
        pictures=pictures(case, name),
        shapes=shapes_of(case),
    )


def _fix(mistake: Mistake, cases: Iterable[CaseOnPage], files: Sequence[str]) -> Fix:
    lost = {case.name for case in mistake.cases}
    costs = tuple(each for each in cases if each.case.name in lost)
    return Fix(mistake, read_message(mistake.message, files), costs)


def _files(
    cases: Sequence[CaseOnPage], assignment: Assignment, handed_in: Sequence[str]
) -> Iterable[FileOnPage]:
    others = {each.case.file: None for each in cases if each.case.file not in assignment.files}
    for name in (*assignment.files, *others):
        if of_file := tuple(each for each in cases if each.case.file == name):
            yield FileOnPage(name, name in handed_in, of_file)

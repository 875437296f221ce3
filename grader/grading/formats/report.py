"""What every format tells of a graded run: one value, wherever it came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from grader.domain.runs import RunResult
from grader.domain.verdicts import CaseResult, Score, Verdict, score


@dataclass(frozen=True)
class Report:
    """A graded run under the name by which its reader knows it: a path, or a student's attempt."""

    name: str
    cases: tuple[CaseResult, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    graded_at: datetime | None = None

    @property
    def score(self) -> Score:
        """The sum over the cases reported."""
        return score(self.cases)


def report_of(name: str, result: RunResult, graded_at: datetime | None = None) -> Report:
    """Return the report of a run result."""
    return Report(name, result.cases, result.seconds, result.notes, graded_at)


def course_lines(report: Report) -> Iterable[str]:
    """Say it in the course's own words: each case, then `Tests passed: 6/6`, `Score: 100/100`."""
    for case in report.cases:
        yield f"{case.name} {'passed' if case.verdict is Verdict.ACCEPTED else 'failed'}."
    passed = sum(case.verdict is Verdict.ACCEPTED for case in report.cases)
    yield f"Tests passed: {passed}/{len(report.cases)}"
    yield f"Score: {report.score.points:g}/{report.score.max_points:g}"

"""Looking into results."""

from grader.domain.runs import RunResult
from grader.domain.verdicts import CaseResult, Verdict


def case_of(result: RunResult, name: str) -> CaseResult:
    """Return the result of the case of that name."""
    (case,) = (case for case in result.cases if case.name == name)
    return case


def verdicts_of(result: RunResult) -> dict[str, Verdict]:
    """Return each case's verdict by its name."""
    return {case.name: case.verdict for case in result.cases}


def content_of(result: RunResult) -> list[tuple[object, ...]]:
    """Return all of a result but the times that it took."""
    cases = [(c.name, c.verdict, c.points, c.message, c.output, c.series) for c in result.cases]
    return [*cases, result.notes]

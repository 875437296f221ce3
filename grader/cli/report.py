"""A result for people: the course's own words, and under each lost case what to fix."""

from collections.abc import Iterator

import click

from grader.domain.text import one_line, printable
from grader.domain.verdicts import CaseResult, Verdict
from grader.grading.formats.report import Report

_MESSAGE_CHARACTERS = 4000
_OUTPUT_CHARACTERS = 800
_COLOURS = {Verdict.ACCEPTED: "green", Verdict.SKIPPED: "yellow"}


def show(report: Report, pass_mark: float | None) -> None:
    """Print a report to stdout; without a pass mark it neither passes nor fails."""
    click.echo(click.style(printable(report.name, 1000), bold=True))
    width = max((len(case.name) for case in report.cases), default=0) + len(" passed.")
    for case in report.cases:
        for line in _case_lines(case, width):
            click.echo(line)
    for note in report.notes:
        click.echo(f"  Note: {one_line(note, _MESSAGE_CHARACTERS)}")
    passed = sum(case.verdict is Verdict.ACCEPTED for case in report.cases)
    click.echo(f"  Tests passed: {passed}/{len(report.cases)}")
    score = report.score
    click.echo(click.style(f"  Score: {score.points:g}/{score.max_points:g}", bold=True))
    if pass_mark is not None:
        said = "Passed" if score.passes(pass_mark) else "Not passed"
        click.echo(f"  {said}: {pass_mark:g} needed")
    click.echo()


def _case_lines(case: CaseResult, width: int) -> Iterator[str]:
    accepted = case.verdict is Verdict.ACCEPTED
    said = f"{case.name} {'passed' if accepted else 'failed'}."
    earned = f"{case.points:g}/{case.max_points:g}"
    verdict = "" if accepted else case.verdict.value.replace("_", " ")
    line = f"  {said:<{width}}  {earned:>7}  {verdict}".rstrip()
    yield click.style(line, fg=_COLOURS.get(case.verdict, "red"))
    if accepted:
        return
    for text in filter(None, (case.message, case.hint)):
        yield _indented(text, _MESSAGE_CHARACTERS)
    if case.output:
        yield _indented(f"it printed:\n{case.output}", _OUTPUT_CHARACTERS)


def _indented(text: str, limit: int) -> str:
    return "\n".join(f"      {line}" for line in printable(text, limit).rstrip().split("\n"))

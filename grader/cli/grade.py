"""`grader grade`: many paths in one warm process, told in their order."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from grader.cli.exits import Exit
from grader.cli.outputs import require_writable, write_text
from grader.cli.paths import read_path
from grader.cli.progress import progress
from grader.cli.report import show
from grader.cli.suites import find_suite
from grader.config import Settings
from grader.domain.runs import RunRequest, RunResult, SuiteFolder, new_seed
from grader.domain.text import one_line, printable
from grader.errors import GraderError, UsageError
from grader.grading.folders import case_names
from grader.grading.formats.gradescope import results_json
from grader.grading.formats.jsonlines import failed_line, graded_line
from grader.grading.formats.junit import junit_xml
from grader.grading.formats.report import report_of
from grader.grading.pool import grade_all


@dataclass(frozen=True)
class Wanted:
    """What to grade, with what."""

    paths: tuple[str, ...]
    assignment: str | None
    cases: tuple[str, ...]
    seed: int | None


@dataclass(frozen=True)
class Outputs:
    """Where the results go besides the terminal."""

    as_json: bool
    junit: Path | None
    results: Path | None


@dataclass(frozen=True)
class Graded:
    """What became of one path: a result, or the error that it has instead."""

    path: str
    outcome: RunResult | GraderError


def run(wanted: Wanted, outputs: Outputs) -> Exit:
    """Grade all paths and return the highest exit code that applies."""
    if outputs.results is not None and len(wanted.paths) > 1:
        raise UsageError("--results is of one submission: give one path.")
    require_writable(outputs.junit, outputs.results)
    settings = Settings()
    suite = find_suite(settings.reference_dir, wanted.assignment)
    known = case_names(suite) if wanted.cases else []
    if unknown := [name for name in wanted.cases if name not in known]:
        raise UsageError(f"No such case: {', '.join(unknown)}. Cases: {', '.join(known)}.")
    done = []
    for graded in _graded_in_order(suite, wanted, settings.slots):
        done.append(graded)
        _tell(suite, wanted, graded, as_json=outputs.as_json)
    _write_files(done, outputs)
    return max((_exit_of(suite, wanted, graded) for graded in done), default=Exit.DONE)


def _graded_in_order(suite: SuiteFolder, wanted: Wanted, slots: int) -> Iterator[Graded]:
    """Give each path's outcome in the order of the paths, as soon as its turn is there."""
    outcomes: dict[int, RunResult | GraderError] = {}
    requests: list[RunRequest] = []
    places: list[int] = []
    warnings: list[tuple[str, ...]] = []
    for place, path in enumerate(wanted.paths):
        try:
            intake = read_path(suite.assignment, path)
        except UsageError as error:
            outcomes[place] = error
        else:
            seed = new_seed() if wanted.seed is None else wanted.seed
            requests.append(RunRequest(suite, intake.files, seed, wanted.cases))
            places.append(place)
            warnings.append(intake.warnings)
    told = 0
    bar = progress("Grading", len(requests)) if len(requests) > 1 else nullcontext(lambda: None)
    with bar as advance:
        for index, outcome in grade_all(requests, slots):
            outcomes[places[index]] = _warned(outcome, warnings[index])
            advance()
            while told in outcomes:
                yield Graded(wanted.paths[told], outcomes.pop(told))
                told += 1
    for place in sorted(outcomes):
        yield Graded(wanted.paths[place], outcomes[place])


def _warned(outcome: RunResult | GraderError, warnings: tuple[str, ...]) -> RunResult | GraderError:
    """Put what was noticed when the files were taken before what was noticed in the run."""
    if isinstance(outcome, RunResult):
        return replace(outcome, notes=(*warnings, *outcome.notes))
    return outcome


def _tell(suite: SuiteFolder, wanted: Wanted, graded: Graded, *, as_json: bool) -> None:
    whole = not wanted.cases
    outcome = graded.outcome
    if isinstance(outcome, RunResult):
        if as_json:
            click.echo(graded_line(graded.path, suite, outcome, whole=whole))
        else:
            show(report_of(graded.path, outcome), suite.assignment.pass_mark if whole else None)
        return
    if as_json:
        click.echo(failed_line(graded.path, suite, str(outcome)))
    click.echo(f"{one_line(graded.path, 300)}: {printable(str(outcome), 4000)}", err=True)


def _write_files(done: list[Graded], outputs: Outputs) -> None:
    now = datetime.now(UTC)
    reports = [
        report_of(graded.path, graded.outcome, now)
        for graded in done
        if isinstance(graded.outcome, RunResult)
    ]
    errors = [
        (graded.path, str(graded.outcome))
        for graded in done
        if isinstance(graded.outcome, GraderError)
    ]
    if outputs.junit is not None:
        write_text(outputs.junit, junit_xml(reports, errors))
    if outputs.results is not None and reports:
        write_text(outputs.results, results_json(reports[0]))


def _exit_of(suite: SuiteFolder, wanted: Wanted, graded: Graded) -> Exit:
    outcome = graded.outcome
    if isinstance(outcome, UsageError):
        return Exit.USAGE
    if isinstance(outcome, GraderError):
        return Exit.OURS
    if wanted.cases or outcome.score.passes(suite.assignment.pass_mark):
        return Exit.DONE
    return Exit.BELOW

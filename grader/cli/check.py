"""`grader check`: the release gate of a suite, line by line where it fails."""

import click

from grader.cli.exits import Exit
from grader.cli.progress import progress
from grader.cli.suites import all_suites, find_suite
from grader.config import Settings
from grader.domain.runs import SuiteFolder
from grader.domain.text import one_line
from grader.errors import AssignmentError
from grader.grading.check import check_suite

_LINE_CHARACTERS = 2000


def run(name: str | None) -> Exit:
    """Check one assignment, or all of them; below is what is not as expected."""
    settings = Settings()
    reference = settings.reference_dir
    suites = list(all_suites(reference)) if name is None else [find_suite(reference, name)]
    return max((_check(suite, settings.slots) for suite in suites), default=Exit.DONE)


def _check(suite: SuiteFolder, slots: int) -> Exit:
    name = suite.assignment.name
    samples = suite.path.parent.parent / "submissions" / name
    checked = wrong = 0
    try:
        with progress(f"Checking {name}", None) as advance:
            for done in check_suite(suite, samples if samples.is_dir() else None, slots):
                advance()
                checked += 1
                wrong += bool(done.problems)
                for problem in done.problems:
                    click.echo(f"{done.name}: {one_line(problem, _LINE_CHARACTERS)}")
    except AssignmentError as error:
        click.echo(f"{name}: {error}")
        return Exit.BELOW
    click.echo(f"{name}: {checked - wrong} of {checked} as expected.")
    return Exit.BELOW if wrong else Exit.DONE

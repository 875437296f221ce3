"""`grader check`: the release gate of a suite, line by line where it fails."""

from pathlib import Path

import click

from grader.cli.exits import Exit
from grader.cli.progress import progress
from grader.cli.suites import chosen_folders
from grader.config import Settings
from grader.domain.runs import SuiteFolder
from grader.domain.text import one_line, printable
from grader.errors import GraderError
from grader.grading.check import check_suite
from grader.grading.folders import load_suite

_LINE_CHARACTERS = 2000
_REASON_CHARACTERS = 4000


def run(name: str | None) -> Exit:
    """Check one assignment, or all of them; below is what is not as expected."""
    settings = Settings()
    folders = chosen_folders(settings.reference_dir, name)
    return max((_check(folder, settings.slots) for folder in folders), default=Exit.DONE)


def passes_gate(suite: SuiteFolder, folder: Path, slots: int, *, err: bool = False) -> bool:
    """Tell what is not as expected of a suite with the mutants and samples of its folder.

    Raises:
        GraderError: the suite cannot be used.
    """
    name = suite.assignment.name
    samples = folder.parent.parent / "submissions" / name
    checked = wrong = 0
    with progress(f"Checking {name}", None) as advance:
        there = samples if samples.is_dir() else None
        for done in check_suite(suite, folder / "mutants", there, slots):
            advance()
            checked += 1
            wrong += bool(done.problems)
            for problem in done.problems:
                click.echo(f"{done.name}: {one_line(problem, _LINE_CHARACTERS)}", err=err)
    click.echo(f"{name}: {checked - wrong} of {checked} as expected.", err=err)
    return not wrong


def tell_unusable(folder: Path, error: GraderError) -> Exit:
    """Tell why an assignment cannot be used, which keeps the others from nothing."""
    click.echo(f"{folder.name}: {printable(str(error), _REASON_CHARACTERS)}", err=True)
    return Exit.OURS


def _check(folder: Path, slots: int) -> Exit:
    try:
        passed = passes_gate(load_suite(folder), folder, slots)
    except GraderError as error:
        return tell_unusable(folder, error)
    return Exit.DONE if passed else Exit.BELOW

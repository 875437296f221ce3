"""What the commands under `grader roster` take."""

# Imports inside the functions, as in `commands`: help must come at once.

from pathlib import Path

import click

_COURSE = click.option("--course", metavar="COURSE", help="[default: the only one]")


@click.group()
def roster() -> None:
    """Bring in and take out lists of who takes part in a course."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_COURSE
@click.option("--remove-others", is_flag=True, help="Remove who is not in the file.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and store nothing.")
def roster_import(file: Path, course: str | None, remove_others: bool, dry_run: bool) -> int:
    """Make the roster say what a CSV does, whose first line names name, role and section.

    All or nothing: with a mistake in a line nothing is stored.
    """
    from grader.cli import roster as command

    return command.import_list(file, course, remove_others=remove_others, dry_run=dry_run)


@roster.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@_COURSE
def roster_export(file: Path, course: str | None) -> int:
    """Write the roster as a CSV that `import` reads."""
    from grader.cli import roster as command

    return command.export(file, course)

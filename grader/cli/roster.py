"""`grader roster`: lists of who takes part in a course, in and out."""

from pathlib import Path

import click

from grader.cli.database import open_database
from grader.cli.exits import Exit
from grader.cli.outputs import write_text
from grader.config import Settings
from grader.domain.roster import RosterPlan
from grader.domain.text import one_line
from grader.errors import UsageError
from grader.grading.formats.roster import MOST_BYTES, read_roster_file, roster_csv
from grader.storage.database import Database
from grader.workflow.roster import change_roster, course_names, look_at_change, members_of


def import_list(path: Path, course: str | None, *, remove_others: bool, dry_run: bool) -> Exit:
    """Make a roster say what a file does, and tell on stdout what changed, or would."""
    with path.open("rb") as file:
        read = read_roster_file(file.read(MOST_BYTES + 1))
    if read.mistakes:
        for mistake in read.mistakes:
            where = one_line(f"{path}:{mistake.line}: {mistake.says}", 400)
            click.echo(where, err=True)
        raise UsageError("Nothing was stored: mend the file.")
    with open_database(Settings()) as database:
        act = look_at_change if dry_run else change_roster
        name = _course(database, course)
        plan = act(database, name, read.people, remove_others=remove_others)
    _tell(plan, dry_run=dry_run)
    return Exit.DONE


def export(path: Path, course: str | None) -> Exit:
    """Write a roster to a file, as `import` reads it."""
    with open_database(Settings()) as database:
        members = members_of(database, _course(database, course))
    write_text(path, roster_csv(members))
    click.echo(f"{len(members)} people.", err=True)
    return Exit.DONE


def _course(database: Database, named: str | None) -> str:
    if named is not None:
        return named
    known = course_names(database)
    if len(known) == 1:
        return known[0]
    names = ", ".join(known) or "none yet: release an assignment first"
    raise UsageError(f"Which course? Say --course NAME; there are: {names}.")


def _tell(plan: RosterPlan, *, dry_run: bool) -> None:
    for member in plan.added:
        click.echo(f"+ {member.name} {member.role} {member.section}".rstrip())
    for change in plan.changed:
        before, after = change.before, change.after
        click.echo(
            f"~ {after.name} {before.role} {before.section}".rstrip()
            + f" -> {after.role} {after.section}".rstrip()
        )
    for member in plan.removed:
        click.echo(f"- {member.name} {member.role} {member.section}".rstrip())
    tail = " Nothing was stored." if dry_run and not plan.is_empty else ""
    click.echo(f"{plan.says}{tail}", err=True)

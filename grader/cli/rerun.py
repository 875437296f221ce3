"""`grader rerun`: grade again, see what changes, and decide."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from grader.cli.api import connect
from grader.cli.database import open_database
from grader.cli.desks import ApiDesk, Desk, LocalDesk, Thing, is_under_way
from grader.cli.exits import Exit
from grader.cli.outputs import require_writable, write_text
from grader.cli.rerun_lines import change_lines, progress_line, summary_lines
from grader.config import Settings
from grader.domain.people import Identity, Role
from grader.domain.reruns import Only, Wanted
from grader.errors import UsageError
from grader.queue.releases import Releases
from grader.workflow.service import Service


@dataclass(frozen=True)
class Where:
    """The service to ask, by its URL and with a token; without a URL, this machine's database."""

    url: str | None
    token: str | None


def start(where: Where, assignment: str, wanted: Wanted, *, wait: bool, junit: Path | None) -> Exit:
    """Begin a rerun and, if told to wait, show what changes as it comes."""
    require_writable(junit)  # a rerun that cannot be reported would be done for nothing
    with _desk(where) as desk:
        rerun = desk.start(assignment, wanted)
        total = rerun["progress"]["total"]
        what = f"{total} submission{'' if total == 1 else 's'}"
        click.echo(
            f"Rerun {rerun['id']} of {rerun['course']}/{rerun['assignment']}: {what}"
            f" by suite version {rerun['suite_version']}.",
            err=True,
        )
        if not wait:
            click.echo(f"See what changes: grader rerun show {rerun['id']}", err=True)
            return Exit.DONE
        rerun = _followed(desk, rerun["id"])
        if junit is not None:
            write_text(junit, desk.junit(rerun["id"]))
    for line in summary_lines(rerun):
        click.echo(line)
    return _exit(rerun)


def show(where: Where, rerun_id: int, *, wait: bool, junit: Path | None) -> Exit:
    """Show what a rerun changes; waiting, as it comes."""
    with _desk(where) as desk:
        rerun = desk.show(rerun_id)
        if wait and is_under_way(rerun):
            rerun = _followed(desk, rerun_id)
        else:
            for change in desk.changes(rerun_id):
                _echo_change(change)
        if junit is not None:
            write_text(junit, desk.junit(rerun_id))
    for line in summary_lines(rerun):
        click.echo(line)
    return _exit(rerun) if wait else Exit.DONE


def act(where: Where, rerun_id: int, action: str) -> Exit:
    """Undo, discard, pause, resume or cancel a rerun."""
    with _desk(where) as desk:
        return _told(desk.act(rerun_id, action))


def apply(where: Where, rerun_id: int, only: Only) -> Exit:
    """Apply a rerun."""
    with _desk(where) as desk:
        return _told(desk.apply(rerun_id, only))


@contextmanager
def _desk(where: Where) -> Iterator[Desk]:
    if where.url:
        if not where.token:
            raise UsageError("Set GRADER_TOKEN to a token of the course's staff.")
        with connect(where.url, where.token) as client:
            yield ApiDesk(client)
        return
    settings = Settings()
    with open_database(settings) as database:
        service = Service(database, Releases(database, settings.var_dir / "suites"))
        # Who can open the database can do anything with it: nobody is asked for a token.
        yield LocalDesk(service, Identity(0, f"{_user()}, by grader rerun", Role.INSTRUCTOR))


def _followed(desk: Desk, rerun_id: int) -> Thing:
    for name, thing in desk.follow(rerun_id):
        if name == "progress":
            click.echo(progress_line(thing), err=True)
        elif name == "change":
            _echo_change(thing)
        else:
            return thing
    return desk.show(rerun_id)


def _echo_change(change: Thing) -> None:
    for line in change_lines(change):
        click.echo(line)


def _told(rerun: Thing) -> Exit:
    for line in summary_lines(rerun):
        click.echo(line)
    return Exit.DONE


def _exit(rerun: Thing) -> Exit:
    """Say by the exit code what a CI must know: nothing, something changed, or ours failed."""
    totals = rerun["totals"]
    if totals["failed"]:
        return Exit.OURS
    return Exit.BELOW if totals["changed"] or rerun["state"] == "cancelled" else Exit.DONE


def _user() -> str:
    with suppress(KeyError, OSError):  # in a container a user may have no name
        return getpass.getuser()[:50]
    return "somebody"

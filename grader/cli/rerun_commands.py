"""What `grader rerun` and its parts take."""

# Imports inside the functions, as in `commands`: help must come at once.

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)
_SCOPES = click.Choice(["all", "latest", "counted", "failed", "below-pass", "stale"])
_WHERE = "[default: this machine's database]"


class _StartsByName(click.Group):
    """A group in which anything but the name of a command is what to start with."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `start` before an assignment's name."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["start", *args]
        return super().parse_args(ctx, args)


def _at_a_service(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--token", envvar="GRADER_TOKEN", help="Better given as GRADER_TOKEN.")(
        command
    )
    return click.option(
        "--url", envvar="GRADER_URL", help=f"The service to ask (GRADER_URL).  {_WHERE}"
    )(command)


@click.group(cls=_StartsByName)
def rerun() -> None:
    """Grade again, see what changes, and decide: `grader rerun hw4 --wait`.

    No score moves until a rerun is applied. With GRADER_URL set this asks that service, with
    GRADER_TOKEN; else it works at the database of this machine, on which a service must be grading.
    """


@rerun.command("start")
@click.argument("assignment")
@click.option("--scope", type=_SCOPES, default="all", show_default=True)
@click.option("--student", metavar="ID", help="Only this student's.")
@click.option(
    "--submission", "submissions", type=int, multiple=True, metavar="ID", help="Only this one."
)
@click.option("--case", "cases", multiple=True, metavar="NAME", help="Only this case; repeatable.")
@click.option(
    "--apply/--propose", "applies", default=False, help="Apply at the end.  [default: propose]"
)
@click.option("--wait", is_flag=True, help="Show changes as they come; exit 1 if there are any.")
@click.option("--junit", type=_OUTPUT, metavar="FILE", help="Write JUnit XML; waits.")
@_at_a_service
def start(
    assignment: str,
    scope: str,
    student: str | None,
    submissions: tuple[int, ...],
    cases: tuple[str, ...],
    applies: bool,
    wait: bool,
    junit: Path | None,
    url: str | None,
    token: str | None,
) -> int:
    """Grade again what was handed in; the word `start` may be left out."""
    from grader.cli import rerun as command
    from grader.domain.reruns import Mode, Scope, Wanted

    wanted = Wanted(
        scope=Scope(scope),
        student=student,
        submissions=tuple(sorted(set(submissions))),
        cases=tuple(dict.fromkeys(cases)),
        mode=Mode.APPLY if applies else Mode.PROPOSE,
    )
    where = command.Where(url, token)
    return command.start(where, assignment, wanted, wait=wait or junit is not None, junit=junit)


@rerun.command()
@click.argument("rerun_id", type=int, metavar="ID")
@click.option("--wait", is_flag=True, help="Show changes as they come; exit 1 if there are any.")
@click.option("--junit", type=_OUTPUT, metavar="FILE", help="Write JUnit XML.")
@_at_a_service
def show(rerun_id: int, wait: bool, junit: Path | None, url: str | None, token: str | None) -> int:
    """Show what a rerun changes."""
    from grader.cli import rerun as command

    return command.show(command.Where(url, token), rerun_id, wait=wait, junit=junit)


@rerun.command()
@click.argument("rerun_id", type=int, metavar="ID")
@click.option("--only", type=click.Choice(["all", "increases"]), default="all", show_default=True)
@_at_a_service
def apply(rerun_id: int, only: str, url: str | None, token: str | None) -> int:
    """Move the scores, all at once; what came in meanwhile is never overwritten."""
    from grader.cli import rerun as command
    from grader.domain.reruns import Only

    return command.apply(command.Where(url, token), rerun_id, Only(only))


def _add(name: str, text: str) -> None:
    @rerun.command(name, help=text)
    @click.argument("rerun_id", type=int, metavar="ID")
    @_at_a_service
    def act(rerun_id: int, url: str | None, token: str | None) -> int:
        from grader.cli import rerun as command

        return command.act(command.Where(url, token), rerun_id, name)


_add("undo", "Move back what applying moved and what still stands.")
_add("discard", "Leave all scores as they are.")
_add("pause", "Begin no further run of it for now.")
_add("resume", "Go on where it was paused.")
_add("cancel", "End it before all its runs have ended; no score moves.")

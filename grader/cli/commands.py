"""What each command takes. What it does is imported when it is called: help must come at once."""

# Imports inside the functions: SQLAlchemy, FastAPI, httpx and NumPy take 0.1 to 0.3 s each.

from pathlib import Path

import click

from grader.cli.rerun_commands import rerun
from grader.cli.roster_commands import roster

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)
_ROLES = click.Choice(["student", "assistant", "instructor"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grader")
def cli() -> None:
    """Grade Python submissions in a sandbox."""


cli.add_command(rerun)
cli.add_command(roster)


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--assignment", help="Name, or course/name.  [default: the only one]")
@click.option("--case", "cases", multiple=True, metavar="NAME", help="Only this case; repeatable.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Draw the inputs from this seed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, nothing else.")
@click.option("--junit", type=_OUTPUT, metavar="FILE", help="Write JUnit XML.")
@click.option("--results", type=_OUTPUT, metavar="FILE", help="Write Gradescope's results.json.")
def grade(
    paths: tuple[str, ...],
    assignment: str | None,
    cases: tuple[str, ...],
    seed: int | None,
    as_json: bool,
    junit: Path | None,
    results: Path | None,
) -> int:
    """Grade folders, zips or files here, without server or database."""
    from grader.cli import grade as command

    wanted = command.Wanted(paths, assignment, tuple(dict.fromkeys(cases)), seed)
    return command.run(wanted, command.Outputs(as_json, junit, results))


@cli.command()
@click.argument("assignment", required=False)
def check(assignment: str | None) -> int:
    """Check that a suite judges its solution, starter, mutants and samples as it must."""
    from grader.cli import check as command

    return command.run(assignment)


@cli.command()
@click.argument("assignment", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object an assignment.")
def release(assignment: str | None, as_json: bool) -> int:
    """Check a suite and, where it is as it must be, let the service grade with it."""
    from grader.cli import release as command

    return command.run(assignment, as_json=as_json)


@cli.command()
@click.argument("assignment")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option("--wait", is_flag=True, help="Wait for the result and show it.")
@click.option("--junit", type=_OUTPUT, metavar="FILE", help="Write JUnit XML; waits.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="SCORE",
    help="Exit 1 below, from 0 to 100; waits.",
)
@click.option("--url", envvar="GRADER_URL", default="http://127.0.0.1:8000", show_default=True)
@click.option("--token", envvar="GRADER_TOKEN", help="Better given as GRADER_TOKEN.")
def submit(
    assignment: str,
    files: tuple[Path, ...],
    wait: bool,
    junit: Path | None,
    fail_under: float | None,
    url: str,
    token: str | None,
) -> int:
    """Upload files to a grader (GRADER_URL, GRADER_TOKEN)."""
    from grader.cli import submit as command

    if not token:
        raise click.UsageError("Set GRADER_TOKEN to the token that your instructor gave you.")
    wait = wait or junit is not None or fail_under is not None
    return command.run(command.Target(url, token, assignment), files, wait, junit, fail_under)


@cli.command()
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option(
    "--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(0, 65535)
)
@click.option("--no-workers", is_flag=True, help="Grade nothing in this process.")
@click.option("--demo", is_flag=True, help="Migrate, make the demo course, say how to submit.")
@click.option("--no-class", is_flag=True, help="Leave the demo course without a class of students.")
def serve(host: str, port: int, no_workers: bool, demo: bool, no_class: bool) -> int:
    """Serve the API and, unless told not to, grade."""
    from grader.cli import serve as command
    from grader.cli.demo import Demo

    course = (Demo.EMPTY if no_class else Demo.WITH_CLASS) if demo else Demo.NONE
    return command.run((host, port), workers=not no_workers, demo=course)


@cli.command()
@click.option(
    "--slots",
    type=click.IntRange(1, 256),
    help="How many runs to grade at once.  [default: GRADER_SLOTS, one for each core]",
)
@click.option("--healthy", is_flag=True, help="Only tell whether one grades on this machine.")
def worker(slots: int | None, healthy: bool) -> int:
    """Grade what services on the same PostgreSQL take in."""
    from grader.cli import worker as command

    return command.tell_health() if healthy else command.run(slots)


@cli.command()
def migrate() -> int:
    """Bring the database to the tables of this version."""
    from grader.cli import database as command

    return command.migrate()


@cli.command()
def doctor() -> int:
    """Show each layer and probe of the sandbox, and what to do about a missing one."""
    from grader.cli import doctor as command

    return command.run()


@cli.command()
@click.argument("assignment")
@click.option("--format", "form", type=click.Choice(["csv", "canvas", "jsonl"]), required=True)
def export(assignment: str, form: str) -> int:
    """Write how each student stands to stdout: for spreadsheets, for Canvas, or as JSON lines."""
    from grader.cli import export as command

    return command.run(assignment, form)


@cli.command("sign-in-link")
@click.argument("name")
@click.option("--role", type=_ROLES, required=True)
@click.option("--course", metavar="COURSE", help="Good for this course only.  [default: for all]")
@click.option(
    "--hours",
    type=click.FloatRange(0, 24 * 366, min_open=True),
    default=24,
    show_default=True,
    help="How long the link waits to be used.",
)
@click.option(
    "--url",
    envvar="GRADER_URL",
    help="Where the service is, unless GRADER_BASE_URL says so.  [default: http://127.0.0.1:8000]",
)
def sign_in_link(name: str, role: str, course: str | None, hours: float, url: str | None) -> int:
    """Print a link that signs NAME in with a browser, once, and nothing else.

    NAME is made if new. Who opens the link sees a button, which uses the link up; the browser then
    stays signed in until it was away for a week. `grader token revoke --user NAME` ends all that.
    """
    from grader.cli import database as command
    from grader.domain.people import Grant, Role

    return command.make_sign_in_link(Grant(name, Role(role), course), hours, url)


@cli.group()
def token() -> None:
    """Make and revoke tokens of the API."""


@token.command("create")
@click.option("--role", type=_ROLES, required=True)
@click.option("--user", metavar="NAME", help="Whose it is.  [default: the role's name]")
@click.option("--course", metavar="COURSE", help="Good for this course only.  [default: for all]")
def token_create(role: str, user: str | None, course: str | None) -> int:
    """Print a new token, and nothing else."""
    from grader.cli import database as command

    return command.create_token(role, user or role, course)


@token.command("revoke")
@click.argument("secret", required=False, metavar="[TOKEN]")
@click.option("--user", metavar="NAME", help="End all tokens, links and sessions of this person.")
def token_revoke(secret: str | None, user: str | None) -> int:
    """Revoke a token and the sessions made from it, or all that a person has."""
    from grader.cli import database as command

    if (secret is None) == (user is None):
        raise click.UsageError("Give either a token or --user NAME.")
    return command.revoke_token(secret, user)

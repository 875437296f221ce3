"""The command `grader`."""

import sys
import traceback

import click

from grader.cli.commands import cli
from grader.cli.exits import Exit
from grader.errors import GraderError, UsageError


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        return int(cli.main(standalone_mode=False) or Exit.DONE)
    except click.Abort:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except UsageError as error:
        click.echo(f"grader: {error}", err=True)
        return Exit.USAGE
    except GraderError as error:
        click.echo(f"grader: {error}", err=True)
        return Exit.OURS
    except Exception as error:  # noqa: BLE001  # the outermost loop of the process
        return _unexpected(error)


def _unexpected(error: Exception) -> Exit:
    from pydantic import ValidationError  # here: only a command that fails needs it

    if isinstance(error, ValidationError) and error.title == "Settings":
        for problem in error.errors():
            name = "GRADER_" + "_".join(map(str, problem["loc"])).upper()
            why = problem["msg"].removeprefix("Value error, ").partition(", unable")[0]
            why = why.replace("Input should be", "it must be")
            click.echo(f"grader: the setting {name} is wrong: {why}.", err=True)
        return Exit.USAGE
    traceback.print_exception(error, file=sys.stderr)
    return Exit.OURS

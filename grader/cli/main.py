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
    except Exception:  # noqa: BLE001  # the outermost loop of the process
        traceback.print_exc(file=sys.stderr)
        return Exit.OURS

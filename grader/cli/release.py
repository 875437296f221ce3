"""`grader release`: a suite that passes its gate grades what is handed in from then on."""

import getpass
import json
from contextlib import suppress
from pathlib import Path

import click

from grader.cli.check import passes_gate, tell_unusable
from grader.cli.database import open_database
from grader.cli.exits import Exit
from grader.cli.suites import chosen_folders
from grader.config import Settings
from grader.domain.releases import Snapshot
from grader.errors import GraderError, StorageUnavailable
from grader.grading.folders import take_snapshot
from grader.queue.releases import Releases
from grader.workflow.releases import is_current, place_of, release
from grader.workflow.service import Service


def run(name: str | None, *, as_json: bool) -> Exit:
    """Release one assignment, or all of them; below is what does not pass."""
    settings = Settings()
    folders = chosen_folders(settings.reference_dir, name)
    with open_database(settings) as database:
        service = Service(database, Releases(database, settings.var_dir / "suites"))
        exits = [_release(service, folder, settings.slots, as_json=as_json) for folder in folders]
    return max(exits, default=Exit.DONE)


def _release(service: Service, folder: Path, slots: int, *, as_json: bool) -> Exit:
    """Release what is read here once: an edit during the check is not released unchecked."""
    try:
        snapshot = take_snapshot(folder)
        new = not is_current(service, snapshot)
        if new and not passes_gate(service.suites.unpack_new(snapshot), folder, slots, err=as_json):
            click.echo(f"{folder.name} is not released.", err=True)
            return Exit.BELOW
        if new:
            release(service, snapshot, f"{_user()}, by grader release")
    except StorageUnavailable:
        raise
    except GraderError as error:
        return tell_unusable(folder, error)
    _tell(snapshot, new=new, as_json=as_json)
    return Exit.DONE


def _tell(snapshot: Snapshot, *, new: bool, as_json: bool) -> None:
    name, version = snapshot.name, snapshot.version
    if as_json:
        course = place_of(snapshot).course
        line = {"assignment": name, "course": course, "suite_version": version, "released": new}
        click.echo(json.dumps(line))
    elif new:
        click.echo(f"{name} is released as {version}: it grades what is handed in from now on.")
    else:
        click.echo(f"{name} is unchanged since it was released as {version}.")


def _user() -> str:
    with suppress(KeyError, OSError):  # in a container a user may have no name
        return getpass.getuser()
    return "somebody"

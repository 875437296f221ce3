"""`grader export`: the gradebook of an assignment, for spreadsheets, Canvas and programs."""

import json

import click

from grader.cli.database import open_database
from grader.cli.exits import Exit
from grader.cli.places import stored_place
from grader.config import Settings
from grader.domain.gradebook import Gradebook
from grader.domain.people import Identity, Role
from grader.grading.formats.gradebook import canvas_csv, gradebook_csv, student_object
from grader.queue.releases import Releases
from grader.workflow.gradebook import Request, read_gradebook
from grader.workflow.service import Service


def run(assignment: str, form: str) -> Exit:
    """Write all students of an assignment to stdout, and nothing else there."""
    settings = Settings()
    with open_database(settings) as database:
        service = Service(database, Releases(database, settings.var_dir / "suites"))
        place = stored_place(service, assignment)
        # Who can open the database may read all that is in it.
        whoever = Identity(0, "grader export", Role.INSTRUCTOR)
        book = read_gradebook(service, whoever, place, Request())
    # As bytes: names are of all the world's letters, whatever the terminal is set to.
    click.echo(_written(book, form).encode(), nl=False)
    scored = sum(row.entry.counted is not None for row in book.rows)
    click.echo(
        f"{place.course}/{place.assignment}: {book.total} students, {scored} scores.", err=True
    )
    return Exit.DONE


def _written(book: Gradebook, form: str) -> str:
    match form:
        case "csv":
            return gradebook_csv(book)
        case "canvas":
            return canvas_csv(book)
        case _:
            return _json_lines(book)


def _json_lines(book: Gradebook) -> str:
    return "".join(f"{json.dumps(student_object(book, row))}\n" for row in book.rows)

"""Finding an assignment that a database knows by the name that somebody types."""

from grader.errors import UsageError
from grader.workflow.service import Place, Service


def stored_place(service: Service, assignment: str) -> Place:
    """Return the place of `hw4`, where only one course has it, or of `course/hw4`.

    Raises:
        UsageError: there is none, or more than one; the message lists those there are.
    """
    course, _, name = assignment.rpartition("/")
    known = list(service.suites)
    courses = [each for each, named in known if named == name and course in ("", each)]
    if len(courses) == 1:
        return Place(courses[0], name)
    places = ", ".join("/".join(each) for each in known) or "none"
    raise UsageError(f"Which assignment is {assignment}? There are: {places}.")

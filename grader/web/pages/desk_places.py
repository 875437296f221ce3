"""Which assignment the navigation of staff leads to from pages that are of no single one."""

from grader.domain.assignments import Assignment
from grader.web.pages.access import PageAccess
from grader.workflow.service import list_assignments


def desk_assignment(access: PageAccess, course: str | None, wanted: str) -> Assignment | None:
    """Return the assignment that one came from, else the first of the course, or of any."""
    known = [
        each
        for each in list_assignments(access.service, access.identity)
        if course in (None, each.course) and access.identity.is_staff_of(each.course)
    ]
    named = (each for each in known if wanted in (each.name, f"{each.course}/{each.name}"))
    return next(named, known[0] if known else None)

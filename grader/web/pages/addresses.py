"""Where pages are, for links to them."""

from urllib.parse import quote, urlencode


def assignment_link(course: str, assignment: str) -> str:
    """Return the address of an assignment's page."""
    return f"/courses/{quote(course, safe='')}/assignments/{quote(assignment, safe='')}"


def hand_in_link(course: str, assignment: str) -> str:
    """Return where staff hand in; students do so on the assignment's page."""
    return f"{assignment_link(course, assignment)}/hand-in"


def student_link(course: str, assignment: str, student: str) -> str:
    """Return the address of a student's page at an assignment, for staff."""
    return f"{assignment_link(course, assignment)}/students/{quote(student, safe='')}"


def gradebook_link(course: str, assignment: str, **asked: str | int | None) -> str:
    """Return the address of a gradebook, with what is asked of it."""
    given = {name: value for name, value in asked.items() if value not in ("", None)}
    address = f"{assignment_link(course, assignment)}/gradebook"
    return f"{address}?{urlencode(given)}" if given else address

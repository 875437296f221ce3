"""Where pages are, for links to them."""

from urllib.parse import quote


def assignment_link(course: str, assignment: str) -> str:
    """Return the address of an assignment's page."""
    return f"/courses/{quote(course, safe='')}/assignments/{quote(assignment, safe='')}"


def hand_in_link(course: str, assignment: str) -> str:
    """Return where staff hand in; students do so on the assignment's page."""
    return f"{assignment_link(course, assignment)}/hand-in"

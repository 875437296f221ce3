"""Where pages are, for links to them."""

from urllib.parse import quote, urlencode

_LONGEST_PATH = 2000


def assignment_link(course: str, assignment: str) -> str:
    """Return the address of an assignment's page."""
    return f"/courses/{quote(course, safe='')}/assignments/{quote(assignment, safe='')}"


def roster_link(course: str) -> str:
    """Return the address of a course's roster."""
    return f"/courses/{quote(course, safe='')}/roster"


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


def safe_path(path: str) -> str:
    """Return `path` if it leads to a page of ours, else the way home.

    Browsers read `//host`, and a backslash or a tab in its place, as the way to another site.
    """
    ours = (
        path.startswith("/")
        and not path.startswith(("//", "/sign-in", "/sign-out"))
        and len(path) <= _LONGEST_PATH
        and "\\" not in path
        and path.isprintable()
    )
    return path if ours else "/"


def reruns_link(course: str, assignment: str) -> str:
    """Return the address of an assignment's reruns."""
    return f"{assignment_link(course, assignment)}/reruns"


def rerun_link(course: str, assignment: str, rerun_id: int) -> str:
    """Return the address of a rerun."""
    return f"{reruns_link(course, assignment)}/{rerun_id}"

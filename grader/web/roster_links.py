"""Sign-in links of a course as a CSV file: the only copy there is of them."""

from collections.abc import Sequence

from fastapi import Request, Response

from grader.domain.times import in_words
from grader.grading.formats.tables import csv_text
from grader.web.downloads import csv_file
from grader.web.site import address_of
from grader.workflow.roster import NewRosterLink

_HEADER = ("name", "role", "section", "link", "good_until")


def links_file(request: Request, course: str, links: Sequence[NewRosterLink]) -> Response:
    """Return the links as a file."""
    where = address_of(request)
    rows = (
        [
            each.member.name,
            each.member.role,
            each.member.section,
            f"{where}/sign-in/{each.secret}",
            in_words(each.expires_at),
        ]
        for each in links
    )
    return csv_file(csv_text(_HEADER, rows), f"{course}-sign-in-links.csv")

"""A run that failed by our own fault: staff read why, and have it graded again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update

from grader.domain.people import Role
from grader.domain.runs import RunStatus
from grader.storage.database import Database
from grader.storage.tables import CaseResultRow, RunRow
from tests.browser.conftest import DESKTOP, PHONE, ROOT, Site
from tests.browser.reading import barriers, overflow

RIGHT = sorted((ROOT / "submissions" / "hw4" / "accepted" / "plain").glob("*.py"))


def _fail(database: Database, submission: int) -> None:
    """Let a graded run be one that failed, as a full disk leaves it."""
    failed = {"status": RunStatus.FAILED, "error": "the disk is full", "points": None}
    with database.writing() as session:
        run = session.query(RunRow).filter_by(submission_id=submission).one()
        session.execute(delete(CaseResultRow).where(CaseResultRow.run_id == run.id))
        session.execute(update(RunRow).where(RunRow.id == run.id).values(failed))


@pytest.mark.parametrize(
    ("size", "dark"),
    [pytest.param(DESKTOP, False, id="desktop"), pytest.param(PHONE, True, id="phone in the dark")],
)
def test_failed_run_is_read_by_all_and_started_again_by_staff(
    a_page: Callable[..., Page], site: Site, size: dict[str, int], dark: bool
) -> None:
    student = a_page(size=size, dark=dark)
    student.goto("/courses/demo/assignments/hw4")
    student.get_by_label("Your files").set_input_files(RIGHT)
    student.get_by_role("button", name="Hand in").click()
    student.wait_for_url(re.compile(r"/submissions/\d+"))
    graded = student.get_by_role("heading", name="Case by case")
    expect(graded).to_be_visible(timeout=45_000)
    _fail(site.database, int(student.url.rpartition("/")[2]))
    tutor = a_page("tutor", role=Role.ASSISTANT, size=size, dark=dark)

    student.reload()
    tutor.goto(student.url)

    for page in (student, tutor):
        expect(page.get_by_role("heading", name="The grader failed")).to_be_visible()
        assert barriers(page) == []
        assert overflow(page) == 0
    expect(student.get_by_role("button", name="Grade again")).to_have_count(0)
    expect(tutor.get_by_label("Error")).to_have_text("the disk is full")

    tutor.get_by_role("button", name="Grade again").click()

    expect(tutor.get_by_role("heading", name="Case by case")).to_be_visible(timeout=45_000)

"""The way of staff: mend a suite, release it, propose a rerun, read it, apply it, take it back."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from grader.domain.people import Role
from grader.domain.reruns import RerunState, Wanted
from grader.storage import courses, migrations, rerun_start, reruns
from grader.storage.database import Database
from grader.storage.rerun_start import NewRerun
from grader.workflow.people import create_token
from tests.assignments import RIGHT, RIGHT_HELPER, SUITE, write_assignment
from tests.browser.conftest import DESKTOP, GRADER, PHONE, Site, environment, serving
from tests.browser.reading import barriers, overflow
from tests.processes import wait_for
from tests.serving import client_at

APage = Callable[..., Page]
RERUNS = "/courses/demo/assignments/doubling/reruns"
SUBMISSIONS = f"/api/v1{RERUNS.replace('reruns', 'submissions')}"
# Wrong twice: 3 + 3 is 6 as well, and floats that are right to seven digits are refused.
WRONG = SUITE
MENDED = SUITE.replace("(3.0), 6.0", "(5.0), 10.0, rtol=1e-3").replace("4.0)", "4.0, rtol=1e-3)")
CLASS = {
    "adding": "def answer(x):\n    return x + 3\n",
    "nearly": "def answer(x):\n    return 2.0000001 * x\n",
    "right": RIGHT,
}
TITLE = "Doubling: a title longer than a line of a phone is wide"
BEFORE = {"adding": 60.0, "nearly": 20.0, "right": 100.0}
AFTER = {"adding": 20.0, "nearly": 100.0, "right": 100.0}
PATIENT = 45_000  # milliseconds, for what is graded


@dataclass(frozen=True)
class School(Site):
    """A site whose suite can be mended, with a class that has handed in."""

    folder: Path
    token: str

    def release(self, suite: str) -> str:
        """Release a suite as its author does, and return its version."""
        reference = self.folder / "reference"
        (reference / "doubling" / "suite" / "test_cases.py").write_text(suite)
        done = subprocess.run(
            [GRADER, "release", "doubling"],
            env={**environment(self.folder), **_settings(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        found = re.search(r"released as ([0-9a-f]+)", done.stdout)
        assert found, done.stdout
        return found[1]

    def hand_in(self, student: str, source: str) -> None:
        """Let a student hand in, and wait until that is graded."""
        token = create_token(self.database, student, Role.STUDENT)
        files = [("files", ("answer.py", source)), ("files", ("helper.py", RIGHT_HELPER))]
        with client_at(self.url, Authorization=f"Bearer {token}") as client:
            assert client.post(SUBMISSIONS, files=files).status_code == 201
        wait_for(lambda: self.scores()[student] is not None, f"the score of {student}", 60)

    def scores(self) -> dict[str, float | None]:
        """Return each student's score as staff read it."""
        with client_at(self.url, Authorization=f"Bearer {self.token}") as client:
            found = client.get(SUBMISSIONS).json()
        return {each["student"]: each["score"] for each in found["items"]}

    def paused_rerun(self, version: str) -> int:
        """Begin a rerun that is held before any run of it begins."""
        now = datetime.now(UTC)
        with self.database.writing() as session:
            stored = courses.find_assignment(session, "demo", "doubling")
            assert stored is not None
            chosen = rerun_start.candidates(session, stored.id, version)
            new = NewRerun(stored.id, Wanted(), version, "tutor", now)
            rerun = rerun_start.add(session, new, chosen)
            assert reruns.move(session, rerun, [RerunState.RUNNING], RerunState.PAUSED)
        return rerun


def _settings(folder: Path) -> dict[str, str]:
    return {"GRADER_REFERENCE_DIR": str(folder / "reference"), "GRADER_SLOTS": "1"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Start a server with a class of three, graded by a suite that is wrong."""
    folder = tmp_path_factory.mktemp("reruns")
    write_assignment(folder / "reference" / "doubling", WRONG)
    settings = folder / "reference" / "doubling" / "assignment.toml"
    settings.write_text(settings.read_text().replace('"Doubling"', f'"{TITLE}"'))
    database = Database(f"sqlite:///{folder / 'grader.db'}")
    migrations.migrate(database)
    database.close()
    with serving(folder, **_settings(folder)) as site:
        token = create_token(site.database, "reader", Role.ASSISTANT)
        school = School(site.url, site.database, folder, token)
        for student, source in CLASS.items():
            school.hand_in(student, source)
        assert school.scores() == BEFORE
        yield school


def decide(page: Page, decision: str, button: str) -> Locator:
    """Open a decision, read what it does, press its button; return what was said at the top."""
    box = page.locator("details", has=page.get_by_text(decision, exact=True))
    box.locator("summary").click()
    box.get_by_role("button", name=button).click()
    return page.locator(".flash")


def look_over(page: Page, *, scripts: bool = True) -> None:
    """See that all can read a page, as far as axe can without scripts, and it holds together."""
    if scripts:
        assert barriers(page) == []
    assert overflow(page) == 0


@pytest.mark.parametrize(
    ("size", "scripts", "dark"),
    [
        pytest.param(DESKTOP, True, False, id="desktop"),
        pytest.param(PHONE, True, True, id="phone in the dark"),
        pytest.param(DESKTOP, False, True, id="desktop without scripts"),
        pytest.param(PHONE, False, False, id="phone without scripts"),
    ],
)
def test_staff_mend_a_suite_and_move_its_scores_and_move_them_back(
    a_page: APage, site: School, size: dict[str, int], scripts: bool, dark: bool
) -> None:
    site.release(WRONG)
    version = site.release(MENDED)
    page = a_page("tutor", role=Role.ASSISTANT, size=size, scripts=scripts, dark=dark)
    page.goto(RERUNS)
    expect(page.get_by_text("3 of 3 submissions are stale")).to_be_visible()
    expect(page.get_by_text(version[:12]).first).to_be_visible()
    look_over(page, scripts=scripts)

    page.get_by_role("radio", name="Everything handed in").check()
    page.get_by_role("button", name="Propose").click()
    decision = page.get_by_role("region", name="Decide")
    expect(decision).to_be_visible(timeout=PATIENT)

    totals = page.get_by_role("region", name="What it would change")
    expect(totals.get_by_role("listitem")).to_have_text(
        ["1 student gains", "1 student loses", "1 newly passes", "0 no longer pass"]
    )
    changes = page.get_by_role("article")
    expect(changes).to_have_count(2)
    expect(changes.nth(0)).to_contain_text("adding")
    expect(changes.nth(0)).to_contain_text("60 → 20")
    expect(changes.nth(1)).to_contain_text("newly passes")
    look_over(page, scripts=scripts)
    assert site.scores() == BEFORE

    said = decide(page, "Apply all…", "Apply all: 2 results move")
    expect(said).to_have_text("Applied: the scores have moved.")
    assert site.scores() == AFTER
    look_over(page, scripts=scripts)

    said = decide(page, "Undo…", "Undo: 2 results move back")
    expect(said).to_have_text("Taken back.")
    assert site.scores() == BEFORE
    expect(page.get_by_role("region", name="On record")).to_contain_text("tutor took it back")


def test_changes_are_looked_through_and_followed_to_the_submission(
    a_page: APage, site: School
) -> None:
    site.release(MENDED)
    page = a_page("tutor", role=Role.ASSISTANT)
    page.goto(RERUNS)
    page.get_by_label("Of one student alone").fill("nearly")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("region", name="Decide")).to_be_visible(timeout=PATIENT)

    page.get_by_label("Show").select_option("students who lose")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No submission is like that.")).to_be_visible()
    page.get_by_role("link", name="student gains").click()
    page.get_by_label("Case", exact=True).select_option("Second")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("article")).to_contain_text("Second")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "nearly" in download.value.path().read_text()
    page.get_by_role("link", name="Attempt 1").click()

    expect(page).to_have_url(re.compile(r"/submissions/\d+$"))


def test_paused_rerun_goes_on_and_its_page_follows_without_a_reload(
    a_page: APage, site: School
) -> None:
    rerun = site.paused_rerun(site.release(MENDED))
    watching = a_page("tutor", role=Role.ASSISTANT, size=PHONE)
    acting = a_page("instructor", role=Role.INSTRUCTOR)
    for page in (watching, acting):
        page.goto(f"{RERUNS}/{rerun}")
        expect(page.get_by_text("0 of 3 submissions done")).to_be_visible()
        look_over(page)
    watching.evaluate("window.stayed = true")

    acting.get_by_role("button", name="Go on").click()

    expect(watching.get_by_role("region", name="Decide")).to_be_visible(timeout=PATIENT)
    assert watching.evaluate("window.stayed") is True
    expect(acting.get_by_role("region", name="Decide")).to_be_visible(timeout=PATIENT)


def test_rerun_that_is_held_is_cancelled_without_scripts(a_page: APage, site: School) -> None:
    rerun = site.paused_rerun(site.release(MENDED))
    page = a_page("tutor", role=Role.ASSISTANT, size=PHONE, scripts=False)
    page.goto(f"{RERUNS}/{rerun}")

    said = decide(page, "Cancel…", "Cancel this rerun")

    expect(said).to_have_text("Cancelled: every score stays as it was.")
    look_over(page, scripts=False)
    assert site.scores() == BEFORE


def test_decision_is_reached_and_taken_by_keyboard_alone(a_page: APage, site: School) -> None:
    site.release(MENDED)
    page = a_page("tutor", role=Role.ASSISTANT)
    page.goto(RERUNS)
    page.get_by_role("button", name="Propose").press("Enter")
    expect(page.get_by_role("region", name="Decide")).to_be_visible(timeout=PATIENT)

    page.get_by_text("Discard…").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Discard this rerun")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".flash")).to_have_text("Discarded: every score stays as it was.")

"""Staff read a submission and a student, bring in a roster, hand out links and look who grades."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import FilePayload, Page, expect

from grader.domain.people import Role
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.reading import a_file, barriers, overflow
from tests.browser.test_student import MISTAKEN, RIGHT, files_of, hand_in, until_graded

APage = Callable[..., Page]
HW4 = "/courses/demo/assignments/hw4"
ROSTER = "/courses/demo/roster"
_NUMBERS = count(1)
_WAYS = [
    pytest.param(Role.INSTRUCTOR, DESKTOP, True, False, id="instructor at a desk"),
    pytest.param(Role.ASSISTANT, PHONE, True, True, id="assistant on a phone in the dark"),
    pytest.param(Role.ASSISTANT, PHONE, False, False, id="assistant without scripts"),
]


def a_list(text: str) -> FilePayload:
    return {"name": "roster.csv", "mimeType": "text/csv", "buffer": text.encode()}


def assert_good(page: Page, scripts: bool = True) -> None:
    """See that all can use a page; axe is a script itself."""
    assert overflow(page) == 0
    if scripts:
        assert barriers(page) == []


@pytest.fixture
def student(a_page: APage) -> str:
    """Give a student with two attempts: one with a mistake, then a right one with hostile text."""
    name = f"Zoë O'Neill {next(_NUMBERS)}"
    page = a_page(name)
    page.goto(HW4)
    hand_in(page, files_of(MISTAKEN))
    until_graded(page)
    page.goto(HW4)
    evil = b"\n# <script>alert(1)</script>\x1b[2J \xe2\x80\xaeevil\n"
    files = {path.name: path.read_bytes() for path in files_of(RIGHT)}
    files["loss.py"] += evil
    hand_in(page, [a_file(each, content) for each, content in files.items()])
    until_graded(page)
    return name


@pytest.mark.parametrize(("role", "size", "scripts", "dark"), _WAYS)
def test_staff_read_a_student_from_attempt_to_attempt(
    a_page: APage,
    student: str,
    role: Role,
    size: dict[str, int],
    scripts: bool,
    dark: bool,
) -> None:
    page = a_page(f"staff {next(_NUMBERS)}", role=role, size=size, scripts=scripts, dark=dark)
    page.goto(f"{HW4}/students/{student}")

    changed = page.get_by_role("region", name="What changed")
    expect(changed).to_contain_text("1 case came out otherwise")
    expect(changed).to_contain_text("backward returned None: is a return missing?")
    expect(changed).to_contain_text("<script>alert(1)</script>")
    expect(page.get_by_role("img", name="Score of each attempt")).to_be_visible()
    assert page.locator("main script").count() == 0
    assert_good(page, scripts)

    changed.get_by_label("Between attempt").select_option("2")
    changed.get_by_label("and attempt").select_option("1")
    changed.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"before=2&after=1"))
    page.get_by_role("link", name="Attempt 1", exact=True).click()

    expect(page.get_by_role("heading", name="Case by case")).to_be_visible()
    expect(page.get_by_text("Attempt 2 counts instead")).to_be_visible()
    expect(page.get_by_text("Hand in again")).to_have_count(0)
    assert_good(page, scripts)

    page.get_by_role("link", name="Attempt 2 counts instead").click()

    expect(page.get_by_text("This attempt counts")).to_be_visible()
    page.locator("summary", has_text="loss.py,").click()
    source = page.get_by_role("region", name="loss.py", exact=True)
    expect(source).to_contain_text("<script>alert(1)</script>")
    assert_good(page, scripts)


def test_command_on_the_page_repeats_the_run(
    a_page: APage, site: Site, student: str, tmp_path: Path
) -> None:
    page = a_page(f"staff {next(_NUMBERS)}", role=Role.ASSISTANT)
    page.goto(f"{HW4}/students/{student}")
    page.get_by_role("link", name="Attempt 1", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="its files as a zip").click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    command = page.get_by_label("Command").inner_text().split()
    told = page.evaluate(
        "fetch('/api/v1/submissions/' + location.pathname.split('/').pop()).then(a => a.json())"
    )

    grader = str(Path(sys.executable).with_name("grader"))
    repeated = subprocess.run(
        [grader, *command[1:], "--json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert command[0] == "grader"
    again = json.loads(repeated.stdout)
    assert again["seed"] == told["seed"]
    kept = ("name", "points", "verdict", "message")
    assert [[case[key] for key in kept] for case in again["cases"]] == [
        [case[key] for key in kept] for case in told["cases"]
    ]


@pytest.mark.parametrize(
    ("size", "scripts", "dark"),
    [
        pytest.param(DESKTOP, True, False, id="desktop"),
        pytest.param(PHONE, False, True, id="phone without scripts"),
    ],
)
def test_instructor_brings_in_a_list_and_hands_out_links(
    a_page: APage, size: dict[str, int], scripts: bool, dark: bool, tmp_path: Path
) -> None:
    number = next(_NUMBERS)
    page = a_page(f"prof {number}", role=Role.INSTRUCTOR, size=size, scripts=scripts, dark=dark)
    page.goto(ROSTER)
    assert_good(page, scripts)

    page.get_by_label("CSV file").set_input_files(a_list(f"name,role\nnew {number},\n<b>,boss\n"))
    page.get_by_role("button", name="Look what it changes").click()

    expect(page.get_by_role("alert")).to_contain_text("Line 3: “<b>” cannot be a name")
    assert_good(page, scripts)

    page.get_by_label("CSV file").set_input_files(
        a_list(f"name,section,e-mail\nnew {number},Ä “1”,x\n")
    )
    page.get_by_role("button", name="Look what it changes").click()

    plan = page.get_by_role("region", name="What this list changes")
    expect(plan).to_contain_text(f"new {number} student, Ä “1”")
    expect(plan).to_contain_text("Columns that are not read: e-mail")
    assert_good(page, scripts)

    plan.get_by_role("button", name="Confirm: 1 added").click()

    expect(page.get_by_text("The roster is changed: 1 added.")).to_be_visible()
    page.get_by_label("Name or section").fill(f"new {number}")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("never")

    with page.expect_download() as download:
        page.get_by_role("button", name="Make links").click()
    assert unquote(download.value.suggested_filename).endswith(".csv")
    download.value.save_as(tmp_path / "links.csv")
    with (tmp_path / "links.csv").open(newline="", encoding="utf-8") as file:
        links = {row["name"]: row["link"] for row in csv.DictReader(file)}
    visitor = a_page(None, size=size)
    visitor.goto(links[f"new {number}"])
    visitor.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_text("You are signed in.")).to_be_visible()
    expect(visitor.get_by_role("banner")).to_contain_text(f"new {number}, student")


@pytest.mark.parametrize(("role", "size", "scripts", "dark"), _WAYS)
def test_staff_look_who_grades(
    a_page: APage, role: Role, size: dict[str, int], scripts: bool, dark: bool
) -> None:
    page = a_page(f"staff {next(_NUMBERS)}", role=role, size=size, scripts=scripts, dark=dark)
    page.goto(HW4)
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Workers").click()

    now = page.locator("#now")
    expect(now).to_contain_text("grading")
    expect(now.get_by_role("listitem").filter(has_text="seccomp")).to_contain_text("there:")
    expect(page.get_by_role("heading", name="Failed runs")).to_be_visible()
    assert_good(page, scripts)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_assistant_reads_the_roster_and_changes_nothing(
    a_page: APage, size: dict[str, int]
) -> None:
    page = a_page(f"staff {next(_NUMBERS)}", role=Role.ASSISTANT, size=size)
    page.goto(ROSTER)

    expect(page.get_by_role("heading", name="Roster")).to_be_visible()
    expect(page.get_by_role("button", name="Make links")).to_have_count(0)
    expect(page.get_by_label("CSV file")).to_have_count(0)
    assert_good(page)

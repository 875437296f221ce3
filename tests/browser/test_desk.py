"""Staff watch a class: overview and gradebook, on desktop and phone, with and without scripts."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from grader.domain.people import Role
from grader.workflow.people import create_token
from tests.browser.conftest import DESKTOP, PHONE, ROOT, Site
from tests.browser.reading import barriers, overflow
from tests.processes import wait_for

SAMPLES = ROOT / "submissions" / "hw4"
RIGHT = SAMPLES / "accepted" / "plain"
MISTAKEN = SAMPLES / "wrong" / "backward_without_bias_column"
ASSIGNMENT = "/courses/demo/assignments/hw4"
GRADEBOOK = f"{ASSIGNMENT}/gradebook"
WAYS = [
    pytest.param({"role": Role.INSTRUCTOR, "size": DESKTOP}, id="instructor, desktop"),
    pytest.param(
        {"role": Role.ASSISTANT, "size": PHONE, "dark": True}, id="assistant, phone, dark"
    ),
    pytest.param({"role": Role.ASSISTANT, "size": PHONE, "scripts": False}, id="phone, no scripts"),
    pytest.param({"role": Role.INSTRUCTOR, "scripts": False, "dark": True}, id="no scripts, dark"),
]
APage = Callable[..., Page]


def _hand_in(site: Site, student: str, files: Path, *, wait: bool = True) -> None:
    """Hand in over the API, as a student's own program does."""
    token = create_token(site.database, student, Role.STUDENT, course="demo")
    parts = [("files", (path.name, path.read_bytes())) for path in sorted(files.glob("*.py"))]
    answer = httpx.post(
        f"{site.url}/api/v1{ASSIGNMENT}/submissions?wait={30 if wait else 0}",
        files=parts,
        headers={"Authorization": f"Bearer {token}"},
        timeout=120,
    )
    assert answer.status_code == 201, answer.text
    assert not wait or answer.json()["status"] == "graded"


def _check(page: Page, way: dict[str, object]) -> None:
    assert overflow(page) == 0
    if way.get("scripts", True):  # axe is one
        assert barriers(page) == []


@pytest.fixture(scope="module")
def _class(site: Site) -> None:
    """Let two students hand in the same mistake and one what is right."""
    for student, files in (("desk ann", MISTAKEN), ("desk ben", MISTAKEN), ("desk cleo", RIGHT)):
        _hand_in(site, student, files)


@pytest.mark.usefixtures("_class")
@pytest.mark.parametrize("way", WAYS)
def test_staff_find_out_what_the_class_gets_wrong(a_page: APage, way: dict[str, object]) -> None:
    page = a_page("tutor", **way)
    page.get_by_role("link", name="HW4").first.click()

    page.get_by_role("heading", name="What the class gets wrong most").wait_for()
    _check(page, way)
    wrong = page.get_by_role("region", name="What the class gets wrong most")
    wrong.get_by_role("link", name=re.compile("bias column")).first.click()

    page.get_by_role("row", name=re.compile("desk ann")).wait_for()
    assert page.get_by_role("row", name=re.compile("desk ben")).count() == 1
    assert page.get_by_role("row", name=re.compile("desk cleo")).count() == 0
    _check(page, way)


@pytest.mark.usefixtures("_class")
@pytest.mark.parametrize("way", WAYS)
def test_staff_search_sort_and_come_back_by_the_address(
    a_page: APage, way: dict[str, object]
) -> None:
    page = a_page("tutor", **way)
    page.goto(GRADEBOOK)

    page.get_by_label("Student", exact=True).fill("desk")
    page.get_by_label("Who").select_option("Passed")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="Score", exact=True).click()
    address = page.url
    students = page.locator("tbody th").all_inner_texts()
    page.goto(ASSIGNMENT)
    page.goto(address)

    assert students[0] == "desk cleo"
    assert set(students) == {"desk ann", "desk ben", "desk cleo"}
    assert page.locator("tbody th").all_inner_texts() == students
    assert page.get_by_label("Student", exact=True).input_value() == "desk"
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Score")


@pytest.mark.usefixtures("_class")
def test_wide_gradebook_is_scrolled_by_keyboard_and_the_page_is_not(a_page: APage) -> None:
    page = a_page("tutor", role=Role.ASSISTANT, size=PHONE)
    page.goto(GRADEBOOK)
    table = page.get_by_role("region", name="Gradebook")

    table.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    wait_for(lambda: int(table.evaluate("region => region.scrollLeft")) > 0, "a table that moves")

    assert overflow(page) == 0
    first = page.locator("tbody th").first.bounding_box()
    region = table.bounding_box()
    assert first is not None
    assert region is not None
    assert abs(first["x"] - region["x"]) < 3, "the names stay where they are"


@pytest.mark.usefixtures("_class")
def test_canvas_file_is_downloaded(a_page: APage) -> None:
    page = a_page("tutor", role=Role.INSTRUCTOR)
    page.goto(f"{GRADEBOOK}?q=desk+cleo")

    with page.expect_download() as download:
        page.get_by_role("link", name="for Canvas").click()

    text = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename == "demo-hw4.canvas.csv"
    assert text.splitlines()[-1] == "desk cleo,,,desk cleo,,100"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_upload_appears_in_the_open_overview(
    a_page: APage, site: Site, size: dict[str, int]
) -> None:
    page = a_page("tutor", role=Role.ASSISTANT, size=size)
    student = f"desk dora {size['width']}"
    with page.expect_response(lambda answer: "/events" in answer.url):
        page.goto(ASSIGNMENT)
    page.evaluate("window.sameDocument = true")

    _hand_in(site, student, RIGHT, wait=False)

    row = page.get_by_role("row", name=re.compile(student))
    row.wait_for()
    row.get_by_text("100", exact=True).wait_for(timeout=60_000)
    assert page.evaluate("window.sameDocument"), "the page was not loaded again"
    assert (barriers(page), overflow(page)) == ([], 0)


def test_staff_hand_in_for_a_student_from_the_overview(a_page: APage) -> None:
    page = a_page("tutor", role=Role.INSTRUCTOR)
    page.goto(ASSIGNMENT)

    page.get_by_role("link", name="Hand in, for a student").click()
    page.get_by_label("Whose files these are").fill("desk emil")
    page.get_by_label("Your files").set_input_files(sorted(RIGHT.glob("*.py")))
    page.get_by_role("button", name="Hand in").click()

    page.get_by_text("desk emil").first.wait_for(timeout=60_000)
    assert barriers(page) == []

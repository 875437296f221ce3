"""The way of a student: hand in, watch, read, fix, hand in again."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, ROOT
from tests.browser.reading import a_file, barriers, overflow, shows_focus

APage = Callable[..., Page]
Files = Sequence[FilePayload] | Sequence[Path]
SAMPLES = ROOT / "submissions" / "hw4"
MISTAKEN, RIGHT = SAMPLES / "wrong" / "loss_backward_none", SAMPLES / "accepted" / "plain"
SLOW = SAMPLES / "limit" / "loop_in_loss_forward"
HW4 = "/courses/demo/assignments/hw4"


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.py"))


def file_field(page: Page) -> Locator:
    return page.get_by_label("Your files")


def hand_in(page: Page, files: Files) -> None:
    file_field(page).set_input_files(files)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(re.compile(r"/submissions/\d+"))


def until_graded(page: Page) -> None:
    expect(page.get_by_role("heading", name="Case by case")).to_be_visible(timeout=45_000)


def score(page: Page) -> str:
    return " ".join(page.get_by_label("Score", exact=True).locator(".score").inner_text().split())


@pytest.mark.parametrize(
    ("size", "scripts", "dark"),
    [
        pytest.param(DESKTOP, True, False, id="desktop"),
        pytest.param(PHONE, True, True, id="phone in the dark"),
        pytest.param(PHONE, False, False, id="phone without scripts"),
    ],
)
def test_student_reads_a_mistake_mends_it_and_keeps_the_other_files(
    a_page: APage, size: dict[str, int], scripts: bool, dark: bool
) -> None:
    page = a_page(size=size, scripts=scripts, dark=dark)
    page.get_by_role("link", name="HW4").click()
    hand_in(page, files_of(MISTAKEN))
    until_graded(page)

    assert score(page) == "90 / 100"
    first = page.get_by_role("region", name="Fix this first")
    expect(first).to_contain_text("backward returned None: is a return missing?")
    expect(first).to_contain_text("10 points")
    assert overflow(page) == 0

    first.get_by_role("link", name="Hand in again").click()
    expect(page.get_by_label("Files that you do not choose now")).to_contain_text("attempt 1")
    hand_in(page, [RIGHT / "loss.py"])
    until_graded(page)

    assert score(page) == "100 / 100"
    expect(page.get_by_role("heading", name="Nothing to fix")).to_be_visible()
    page.goto(HW4)
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Attempt 2")
    expect(rows.nth(1)).to_contain_text("100")
    expect(rows.nth(2)).to_contain_text("Attempt 1")
    assert overflow(page) == 0


def test_result_comes_to_the_waiting_page_without_a_reload(a_page: APage) -> None:
    page = a_page()
    page.goto(HW4)
    hand_in(page, files_of(SLOW))

    progress = page.get_by_label("Progress")
    expect(progress).to_be_visible()
    page.evaluate("window.stayed = true")
    expect(progress).to_contain_text(re.compile(r"\d+ (of 11 )?cases? done"))
    until_graded(page)

    assert page.evaluate("window.stayed") is True
    expect(page.get_by_role("region", name="Fix this first")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^90 of 100"))


def test_files_can_be_dropped_on_the_page(a_page: APage) -> None:
    page = a_page()
    page.goto(HW4)

    drop(page, file_field(page), files_of(RIGHT))

    expect(page.locator("#chosen")).to_contain_text("solver.py")
    page.get_by_role("button", name="Hand in").click()
    until_graded(page)
    assert score(page) == "100 / 100"


def drop(page: Page, on: Locator, files: Sequence[Path]) -> None:
    """Drop files as a desktop does: the browser itself is told, not the page."""
    box = on.bounding_box()
    assert box is not None
    devtools = page.context.new_cdp_session(page)
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    carried = {"items": [], "files": [str(path) for path in files], "dragOperationsMask": 1}
    for event in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": event, **where, "data": carried})


def test_keyboard_alone_is_enough(a_page: APage) -> None:
    page = a_page()

    reach(page, page.get_by_role("link", name="HW4")).press("Enter")
    page.wait_for_url(f"**{HW4}")
    field = reach(page, file_field(page))
    with page.expect_file_chooser() as chooser:
        field.press("Enter")
    chooser.value.set_files(files_of(MISTAKEN))
    reach(page, page.get_by_role("button", name="Hand in")).press("Enter")
    until_graded(page)
    reach(page, page.get_by_role("link", name="Hand in again")).press("Enter")

    expect(page.get_by_label("Files that you do not choose now")).to_contain_text("attempt 1")


def reach(page: Page, wanted: Locator) -> Locator:
    """Press Tab until `wanted` has the focus, and see that this shows."""
    expect(wanted.first).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.first.evaluate("element => element === document.activeElement"):
            assert shows_focus(wanted.first), "nothing shows where the focus is"
            return wanted.first
    raise AssertionError("Tab never comes to it")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_refused_upload_says_why_and_stores_nothing(a_page: APage, scripts: bool) -> None:
    page = a_page(scripts=scripts)
    page.goto(HW4)

    file_field(page).set_input_files([a_file("homework.py", b"x = 1\n")])
    page.get_by_role("button", name="Hand in").click()

    expect(page.get_by_role("alert")).to_contain_text("homework.py")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was stored")
    if scripts:
        assert barriers(page) == []
    page.goto(HW4)
    expect(page.get_by_role("table")).to_have_count(0)


@pytest.mark.parametrize(
    ("size", "dark"),
    [pytest.param(DESKTOP, False, id="desktop"), pytest.param(PHONE, True, id="phone in the dark")],
)
def test_no_page_of_a_student_keeps_anybody_out(
    a_page: APage, size: dict[str, int], dark: bool
) -> None:
    page = a_page(size=size, dark=dark)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = barriers(page)
        assert overflow(page) == 0, name

    look("assignments")
    page.goto(HW4)
    look("assignment")
    hand_in(page, files_of(SLOW))
    look("waiting")
    until_graded(page)
    look("result with a mistake")
    page.get_by_role("link", name="loss.py").first.click()
    page.get_by_role("heading", level=1, name="loss.py").wait_for()
    look("file")
    page.goto(HW4)
    hand_in(page, files_of(RIGHT))
    until_graded(page)
    for summary in page.locator("main summary").all():
        summary.click()
    look("right result, all of it open")
    page.goto(HW4)
    look("attempts")

    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_plots_show_the_training_and_say_so_in_words(a_page: APage) -> None:
    page = a_page()
    page.goto(HW4)
    hand_in(page, files_of(RIGHT))
    until_graded(page)

    for name, says in (
        ("Loss", "training: from 0.69"),
        ("Prediction on the training data", "houses"),
    ):
        picture = page.get_by_role("img", name=name)
        expect(picture).to_be_visible()
        expect(picture.locator("desc")).to_contain_text(says)
        assert picture.locator("path.line").count() >= 1

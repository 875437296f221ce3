"""Makes the pictures of the README anew: pages of students and of staff, as Chromium shows them.

`scripts/pictures` calls it. It needs Chromium: apt-get install chromium.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FloatRect, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MISTAKEN = ROOT / "submissions" / "hw4" / "wrong" / "backward_without_bias_column"
WIDTH, HEIGHT = 1280, 900
_LINKS = 2  # that are printed: the instructor's and the student's
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]


def main() -> None:
    """Take each picture."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_FLAGS)
        size: ViewportSize = {"width": WIDTH, "height": HEIGHT}
        with serving("--no-class") as links:
            page = browser.new_page(viewport=size, color_scheme="light")
            sign_in(page, links["demo-student"])
            take_result(page, PICTURES / "result.png")
        with serving() as links:
            page = browser.new_page(viewport=size, color_scheme="light")
            sign_in(page, links["instructor"])
            take_class(page)
        browser.close()


@contextmanager
def serving(*options: str) -> Iterator[dict[str, str]]:
    """Serve the demo course and give each sign-in link by whose it is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("grader"), "serve", "--demo", *options],
            env={**kept, "GRADER_VAR_DIR": folder, "HOST": "127.0.0.1", "PORT": "0"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None  # noqa: S101  # for mypy: it was asked for
        try:
            links: dict[str, str] = {}
            for line in iter(process.stdout.readline, ""):
                if found := re.search(r"(\S+): +(http\S+/sign-in/\S+)", line):
                    links[found[1]] = found[2]
                if len(links) == _LINKS:
                    break
            yield links
        finally:
            process.terminate()
            process.wait()


def sign_in(page: Page, link: str) -> None:
    """Use the sign-in link."""
    page.goto(link)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_text("You are signed in.").wait_for()


def take_result(page: Page, to: Path) -> None:
    """Hand in a mistake and take the top of its result."""
    page.goto(page.url)  # once more, without what was said once
    page.get_by_role("link", name="HW4").click()
    page.get_by_label("Your files").set_input_files(sorted(MISTAKEN.glob("*.py")))
    page.get_by_role("button", name="Hand in").click()
    below = page.get_by_role("heading", name="Case by case")
    below.wait_for(timeout=60_000)
    box = below.bounding_box()
    height = box["y"] - 20 if box else HEIGHT
    page.screenshot(path=to, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
    print(f"{to.relative_to(ROOT)}: {to.stat().st_size:,} bytes")


def take_class(page: Page) -> None:
    """Wait until the class is graded, and take its overview and its gradebook."""
    page.goto(page.url)
    page.get_by_role("link", name="HW4").first.click()
    page.get_by_text("Nothing waits in the queue").wait_for(timeout=300_000)
    page.goto(page.url)  # once more, as it is in the end
    _take(page, PICTURES / "overview.png", until="Scores that count")
    page.get_by_role("link", name="Gradebook").click()
    page.get_by_role("heading", name="HW4").wait_for()
    page.get_by_role("region", name="Gradebook").wait_for()
    _take(page, PICTURES / "gradebook.png")


def _take(page: Page, to: Path, until: str | None = None) -> None:
    box = page.get_by_role("heading", name=until).bounding_box() if until else None
    height = min(box["y"] - 40, 1.5 * HEIGHT) if box else HEIGHT
    clip: FloatRect = {"x": 0, "y": 0, "width": WIDTH, "height": height}
    page.screenshot(path=to, clip=clip, full_page=True)
    print(f"{to.relative_to(ROOT)}: {to.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

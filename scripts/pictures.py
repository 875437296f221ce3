"""Makes the pictures of the README anew: a student's page, as Debian's Chromium shows it.

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

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MISTAKEN = ROOT / "submissions" / "hw4" / "wrong" / "backward_without_bias_column"
WIDTH, HEIGHT = 1280, 900
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]


def main() -> None:
    """Take each picture."""
    PICTURES.mkdir(exist_ok=True)
    with serving() as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        sign_in(page, link)
        take_result(page, PICTURES / "result.png")
        browser.close()


@contextmanager
def serving() -> Iterator[str]:
    """Serve an empty demo course and give the student's sign-in link."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("grader"), "serve", "--demo", "--no-class"],
            env={**kept, "GRADER_VAR_DIR": folder, "HOST": "127.0.0.1", "PORT": "0"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None  # noqa: S101  # for mypy: it was asked for
        try:
            said = iter(process.stdout.readline, "")
            links = (re.search(r"student\S* +(http\S+/sign-in/\S+)", line) for line in said)
            yield next(found[1] for found in links if found)
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


if __name__ == "__main__":
    main()

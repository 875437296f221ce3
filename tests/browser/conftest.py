"""A real Chromium, a real server with the real sandbox, and a watch over what a page may not do."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright

from grader.domain.people import Grant, Role
from grader.storage.database import Database
from grader.workflow.sign_in import make_link
from tests.browser.reading import VIOLATIONS

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
GRADER = Path(sys.executable).with_name("grader")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NUMBERS = count(1)


@dataclass(frozen=True)
class Site:
    """A running server, and whom it lets in."""

    url: str
    database: Database

    def link_for(self, name: str, role: Role = Role.STUDENT) -> str:
        """Return a sign-in link for a person of the demo course."""
        return f"{self.url}/sign-in/{make_link(self.database, Grant(name, role, 'demo'))}"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a command that keeps its things in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return {**kept, "GRADER_VAR_DIR": str(folder)}


@contextmanager
def serving(folder: Path, *options: str, **settings: str) -> Iterator[Site]:
    """Serve a database in `folder`."""
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [GRADER, "serve", *options],
            env={**environment(folder), "HOST": "127.0.0.1", "PORT": "0", **settings},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "http://" in first, (folder / "serve.log").read_text()
        database = Database(f"sqlite:///{folder / 'grader.db'}")
        yield Site(next(word for word in first.split() if word.startswith("http://")), database)
        database.close()
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait(timeout=60)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start a server with an empty demo course."""
    with serving(tmp_path_factory.mktemp("browser"), "--demo", "--no-class") as site:
        yield site


@pytest.fixture(scope="module")  # the driver keeps an event loop in this thread while it runs
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def a_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page, signed in as a student of its own unless told otherwise.

    In the end no page may have broken the policy, logged an error, opened a dialog or asked
    another server for anything.
    """
    troubles: list[str] = []
    with ExitStack() as stack:

        def a_page(
            name: str | None = "",
            *,
            role: Role = Role.STUDENT,
            size: dict[str, int] = DESKTOP,
            scripts: bool = True,
            dark: bool = False,
        ) -> Page:
            context = chromium.new_context(
                base_url=site.url,
                viewport=size,  # type: ignore[arg-type]
                has_touch=size is PHONE,
                java_script_enabled=scripts,
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
                locale="en-GB",
                timezone_id="Europe/Berlin",
            )
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            context.add_init_script(VIOLATIONS)
            page = context.new_page()
            _watch(page, site, troubles)
            if name is not None:
                sign_in(page, site.link_for(name or f"student {next(_NUMBERS)}", role))
            return page

        yield a_page
    assert troubles == []


def sign_in(page: Page, link: str) -> None:
    """Use a sign-in link as its owner does."""
    page.goto(link)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_text("You are signed in.").wait_for()


def _watch(page: Page, site: Site, troubles: list[str]) -> None:
    def heard(message: ConsoleMessage) -> None:
        # A status such as 422 is an answer of ours, which a test expects or does not.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            troubles.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((site.url, "data:", "blob:")):
            troubles.append(f"asked for {request.url}")

    def opened(dialog: Dialog) -> None:
        troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", heard)
    page.on("request", asked)
    page.on("dialog", opened)
    page.on("pageerror", lambda error: troubles.append(f"error: {error}"))

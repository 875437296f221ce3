"""What is asked of every page: that all can use it, and that it holds together."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import FilePayload, Locator, Page

# Says on the console, which is watched, what the policy of the page forbade.
VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
# The outline of an element, or that of what is drawn over it for a link as large as its card.
_OUTLINES = """
element => ['', '::after'].map((part) => getComputedStyle(element, part).outlineStyle)
"""
_ONLY_VIOLATIONS = {"resultTypes": ["violations"]}  # what passes takes axe time to tell
_GRAVE = ("serious", "critical")


def barriers(page: Page) -> list[str]:
    """Return what axe finds that keeps somebody from using the page, gravely."""
    page.wait_for_load_state()  # with its styles
    found = Axe().run(page, options=_ONLY_VIOLATIONS).response["violations"]
    return [
        f"{each['impact']} {each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found
        if each["impact"] in _GRAVE
        for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    page.wait_for_load_state()  # with its styles
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def shows_focus(element: Locator) -> bool:
    """Return whether somebody sees that an element has the focus."""
    outlines: list[str] = element.evaluate(_OUTLINES)
    return outlines != ["none", "none"]


def a_file(name: str, content: bytes) -> FilePayload:
    """Return a Python file that is chosen in a page, though it is on no disk."""
    return {"name": name, "mimeType": "text/x-python", "buffer": content}

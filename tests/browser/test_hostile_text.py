"""What a student wrote is shown as text, bounded, and leaves the page as it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.reading import a_file, overflow
from tests.browser.test_student import HW4, RIGHT, SAMPLES, files_of, hand_in, until_graded

APage = Callable[..., Page]
MARKUP = (
    "</pre></details></main><script>alert(1)</script><img src=x onerror=alert(2)>"
    "<style>*{display:none}</style>"
)
_MOST_CHARACTERS = 300_000  # of a whole page


def printing(what: str) -> list[FilePayload]:
    """Return right files of which `loss.py` prints what the expression `what` says, when called."""
    source = (RIGHT / "loss.py").read_text()
    head, found, rest = source.rpartition("    def forward(self, y_out, y_truth):\n")
    loud = head + found.replace(":\n", f":\n        print({what})\n") + rest
    assert found
    sources = {path.name: path.read_bytes() for path in files_of(RIGHT)} | {
        "loss.py": loud.encode()
    }
    return [a_file(name, content) for name, content in sources.items()]


def raising(message: str) -> list[FilePayload]:
    """Return right files of which `loss.py` raises, with a message."""
    raised = f"raise ValueError({message!r})".encode()
    return [
        a_file(part["name"], part["buffer"].replace(b"print(1)", raised)) for part in printing("1")
    ]


def assert_intact(page: Page) -> None:
    """See that a result's page has all its parts, and no element that a student wrote."""
    expect(page.get_by_role("heading", name="Case by case")).to_be_visible()
    expect(page.get_by_role("heading", name="What you handed in")).to_be_visible()
    assert page.locator("main script, main img, main style, main iframe").count() == 0
    assert page.locator("article.case").count() == 11
    assert overflow(page) == 0
    assert len(page.content()) < _MOST_CHARACTERS


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(f"{MARKUP!r}", id="markup"),
        pytest.param(r"'\x1b[2J\x1b]0;pwned\x07\x00\x08'", id="terminal codes"),
        pytest.param(r"'\u202etxet sdrawkcab\u2066 \u200b\ufeff \U000e0041'", id="bidi and hidden"),
        pytest.param("'x' * 1_000_000", id="a megabyte in one line"),
        pytest.param(r"'\n'.join(map(str, range(10_000)))", id="10000 lines"),
        pytest.param(r"'Z' + '\u0351' * 3000", id="one letter with 3000 accents"),
    ],
)
def test_output_is_text_and_the_page_holds(a_page: APage, what: str) -> None:
    page = a_page(size=PHONE)
    page.goto(HW4)
    hand_in(page, printing(what))
    until_graded(page)

    for summary in page.locator("main summary").all():
        summary.click()

    assert_intact(page)
    shown = page.get_by_label("Output of BCEForwardTest").inner_text()
    assert shown.strip()
    assert not set(shown) & set("\x00\x07\x08\x1b\u202e\u2066\u200b\ufeff")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_message_is_text_and_the_page_holds(a_page: APage, scripts: bool) -> None:
    page = a_page(size=PHONE, scripts=scripts)
    page.goto(HW4)
    hand_in(page, raising(MARKUP))
    until_graded(page)

    assert_intact(page)
    expect(page.get_by_role("region", name="Fix this first")).to_contain_text("<script>alert(1)")


@pytest.mark.parametrize(
    "sample",
    ["hostile/control_characters_in_names", "hostile/histories_that_bite", "hostile/giant_message"],
)
def test_hostile_sample_leaves_the_page_whole(a_page: APage, sample: str) -> None:
    page = a_page(size=PHONE)
    page.goto(HW4)
    hand_in(page, files_of(SAMPLES / sample))
    until_graded(page)

    assert_intact(page)


def test_source_is_text_and_its_page_holds(a_page: APage) -> None:
    page = a_page(size=PHONE)
    page.goto(HW4)
    source = f"# {MARKUP}\n# \u202e{'y' * 100_000}\n".encode()
    hand_in(page, [a_file("loss.py", source)])
    until_graded(page)
    page.get_by_role("link", name="loss.py").first.click()

    expect(page.get_by_role("region", name="loss.py")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main script, main img, main style").count() == 0
    assert overflow(page) == 0
    assert len(page.content()) < _MOST_CHARACTERS


@pytest.mark.parametrize(
    "name",
    ["O'Neill", "محمد عبد الله", "नेहा गुप्ता", "W" * 100],
    ids=["quote", "right to left", "vowel signs", "long"],
)
def test_name_is_text_and_the_page_holds(a_page: APage, name: str) -> None:
    page = a_page(name, size=PHONE)

    expect(page.get_by_role("banner")).to_contain_text(name)
    assert overflow(page) == 0

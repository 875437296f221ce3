"""`grader roster`: lists in and out, beside a running service."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import Ran, Server

Grader = Callable[..., Ran]


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """Give a server that grades nothing."""
    return serve("--no-workers")


def _list(folder: Path, text: str) -> Path:
    path = folder / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.usefixtures("server")
def test_list_is_tried_imported_and_exported_again(grader: Grader, tmp_path: Path) -> None:
    path = _list(tmp_path, "name,role,section\nAda,student,A\ngrace,assistant,\n")

    tried = grader("roster", "import", path, "--dry-run")
    imported = grader("roster", "import", path)
    again = grader("roster", "import", path)
    exported = grader("roster", "export", tmp_path / "out.csv", "--course", "demo")

    assert [ran.exit for ran in (tried, imported, again, exported)] == [0, 0, 0, 0]
    assert tried.out == imported.out == "+ Ada student A\n+ grace assistant\n"
    assert "Nothing was stored" in tried.err
    assert again.out == ""
    assert "Nothing to change" in again.err
    assert (tmp_path / "out.csv").read_text() == path.read_text()


@pytest.mark.usefixtures("server")
def test_mistake_is_told_with_its_line_and_nothing_is_stored(
    grader: Grader, tmp_path: Path
) -> None:
    path = _list(tmp_path, "name\nAda\n\x1b[2J<b>\n")

    ran = grader("roster", "import", path)

    assert (ran.exit, ran.out) == (2, "")
    assert f"{path}:3: " in ran.err
    assert "\x1b" not in ran.err
    assert grader("roster", "export", tmp_path / "out.csv").exit == 0
    assert "Ada" not in (tmp_path / "out.csv").read_text()


def test_who_is_not_in_the_list_is_removed_when_told_to(
    grader: Grader, tmp_path: Path, server: Server
) -> None:
    grader("roster", "import", _list(tmp_path, "name,role\nAda,student\ngrace,assistant\n"))
    token = grader(
        "token", "create", "--role", "assistant", "--user", "grace", "--course", "demo"
    ).out.strip()
    with server.client(token) as client:
        before = client.get("/courses/demo/roster").status_code

        ran = grader("roster", "import", _list(tmp_path, "name\nAda\n"), "--remove-others")

        after = client.get("/courses/demo/roster").status_code
    assert (ran.exit, ran.out) == (0, "- grace assistant\n")
    assert (before, after) == (200, 401)


@pytest.mark.usefixtures("server")
def test_unknown_course_is_told(grader: Grader, tmp_path: Path) -> None:
    ran = grader("roster", "import", _list(tmp_path, "name\nAda\n"), "--course", "nowhere")

    assert (ran.exit, ran.out) == (2, "")
    assert "nowhere" in ran.err

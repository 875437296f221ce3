"""Settings that are wrong: a sentence that names them, and nothing started."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import Ran

Grader = Callable[..., Ran]
NOBODY = "postgresql+psycopg://grader@127.0.0.1:9/grader"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("GRADER_SLOTS", "many", id="slots"),
        pytest.param("GRADER_SLOTS", "0", id="no slots"),
        pytest.param("GRADER_BASE_URL", "grader.example.edu", id="address without http"),
        pytest.param("GRADER_BASE_URL", "https://", id="address without host"),
        pytest.param("GRADER_BASE_URL", "https://example.edu/grader", id="address below a root"),
        pytest.param("GRADER_LOG_LEVEL", "loud", id="level"),
        pytest.param("GRADER_LOG_FORMAT", "xml", id="format"),
        pytest.param("GRADER_DATABASE_URL", "mysql://grader@localhost/x", id="database"),
    ],
)
def test_setting_that_is_wrong_is_named_in_a_sentence(
    grader: Grader, name: str, value: str
) -> None:
    said = grader("serve", **{name: value})

    assert said.exit == 2
    assert f"the setting {name} is wrong" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        pytest.param(["serve"], 2, "GRADER_VAR_DIR", id="serve"),
        pytest.param(["migrate"], 3, "cannot be made", id="migrate"),
    ],
)
def test_folder_that_cannot_be_made_is_told_plainly(
    grader: Grader, tmp_path: Path, arguments: list[str], exit_code: int, says: str
) -> None:
    (tmp_path / "file").write_text("")

    said = grader(*arguments, GRADER_VAR_DIR=str(tmp_path / "file" / "var"))

    assert said.exit == exit_code
    assert says in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("command", [["migrate"], ["serve"], ["serve", "--demo"]], ids=" ".join)
def test_postgresql_that_is_not_there_is_told_plainly(grader: Grader, command: list[str]) -> None:
    said = grader(*command, GRADER_DATABASE_URL=NOBODY)

    assert said.exit == 3
    assert "The database cannot be used" in said.err
    assert "Traceback" not in said.err


def test_database_that_is_none_is_told_plainly(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are notes and no database. " * 99)

    said = grader("migrate", GRADER_DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt")

    assert said.exit == 3
    assert "The database cannot be used" in said.err
    assert "Traceback" not in said.err

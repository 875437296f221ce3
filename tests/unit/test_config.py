"""Settings and what is kept beside the database."""

from pathlib import Path
from stat import S_IMODE

import pytest

from grader.config import Settings


def test_database_lies_in_the_var_folder_unless_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_VAR_DIR", str(tmp_path))
    default = Settings().database_url
    monkeypatch.setenv("GRADER_DATABASE_URL", "postgresql+psycopg://host/grader")

    assert default == f"sqlite:///{tmp_path}/grader.db"
    assert Settings().database_url == "postgresql+psycopg://host/grader"


def test_secret_key_is_made_once_and_kept_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GRADER_SECRET_KEY", raising=False)

    key = Settings().signing_key()

    assert Settings().signing_key() == key
    assert len(key) >= 64
    assert S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_secret_key_of_the_settings_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GRADER_SECRET_KEY", "given")

    assert Settings().signing_key() == "given"
    assert not (tmp_path / "var").exists()


def test_secrets_are_read_from_files_where_containers_put_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_SECRETS_DIR", str(tmp_path))
    monkeypatch.delenv("GRADER_SECRET_KEY", raising=False)
    (tmp_path / "grader_secret_key").write_text("from a file\n")
    (tmp_path / "grader_database_password").write_text("another\n")

    assert Settings().signing_key() == "from a file"
    assert Settings().database_password == "another"


def test_environment_comes_before_files_of_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("GRADER_SECRET_KEY", "given")
    (tmp_path / "grader_secret_key").write_text("from a file")

    assert Settings().signing_key() == "given"

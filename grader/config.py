"""Settings: read once at an entry point, and handed down.

From `GRADER_` variables, `.env`, or a file of the same name where containers find secrets.
"""

import os
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from grader.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
_VAR = ROOT / "var"
_DATABASES = ("sqlite:///", "postgresql+psycopg://")
_SECRETS = "/run/secrets"  # where containers find them


class Settings(BaseSettings):
    """What can be set; every name takes the prefix `GRADER_`."""

    model_config = SettingsConfigDict(env_prefix="GRADER_", env_file=ROOT / ".env", extra="ignore")

    var_dir: Path = _VAR
    database_url: str = Field(default_factory=lambda data: f"sqlite:///{data['var_dir']}/grader.db")
    database_password: str = ""  # kept out of the URL, which is then no secret
    secret_key: str = ""
    reference_dir: Path = ROOT / "reference"
    slots: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1, le=256)
    base_url: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _in_small_letters(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _of_a_known_kind(cls, value: str) -> str:
        if not value.startswith(_DATABASES):
            raise ValueError(f"it must begin with {' or '.join(_DATABASES)}")
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("it must be an address such as https://grader.example.edu")
        if parts.query or parts.fragment or parts.path not in ("", "/"):
            raise ValueError("it must end with the host or its port: pages begin at its root")
        return value.rstrip("/")

    @classmethod
    def _a_folder(cls, value: Path) -> Path:
        if not value.is_dir():
            raise ValueError(f"there is no folder {value}")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Look for secrets in files too, such as `grader_secret_key`."""
        folder = Path(os.environ.get("GRADER_SECRETS_DIR", _SECRETS))
        sources = (init_settings, env_settings, dotenv_settings)
        if not folder.is_dir():
            return sources
        return (*sources, SecretsSettingsSource(settings_cls, secrets_dir=folder))

    def signing_key(self) -> str:
        """Return the secret key of the settings, else the one kept in `var_dir`."""
        return self.secret_key or kept_secret(self.var_dir / "secret_key")


def kept_secret(path: Path) -> str:
    """Return the secret kept at `path`, made on the first call and readable by its owner only.

    Raises:
        UsageError: its folder cannot be made, or it cannot be read.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise _unusable(path, error) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> UsageError:
    why = f"{path} cannot be kept or read ({error.strerror})"
    return UsageError(f"{why}: set GRADER_VAR_DIR to a folder of yours.")

"""Settings: read once at an entry point, from `GRADER_` variables or `.env`, and handed down."""

import os
import secrets
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
_VAR = ROOT / "var"


class Settings(BaseSettings):
    """What can be set; every name takes the prefix `GRADER_`."""

    model_config = SettingsConfigDict(env_prefix="GRADER_", env_file=ROOT / ".env", extra="ignore")

    var_dir: Path = _VAR
    database_url: str = Field(default_factory=lambda data: f"sqlite:///{data['var_dir']}/grader.db")
    secret_key: str = ""
    reference_dir: Path = ROOT / "reference"
    slots: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1, le=256)
    base_url: str = ""
    log_level: str = "info"
    log_format: str = "text"

    def signing_key(self) -> str:
        """Return the secret key of the settings, else the one kept in `var_dir`."""
        return self.secret_key or kept_secret(self.var_dir / "secret_key")


def kept_secret(path: Path) -> str:
    """Return the secret kept at `path`, made on the first call and readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()

"""Settings, read once: from the command line, then `HUB_...` variables, then these defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the hub keeps its stores and its key.

    `key` holds the key-encryption key itself (base64), `key_file` names the file that does; without either, the file is
    `master.key` in the data directory. `rebuild_workers` is how many processes a rebuild uses; 0 means one per core.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", hide_input_in_errors=True)

    data: Path = Path("data")
    key: SecretStr | None = None
    key_file: Path | None = None
    schemas: Path | None = None
    busy_timeout_ms: int = Field(default=30_000, ge=0, le=600_000)
    partitions: int = Field(default=4, ge=1, le=1_000)
    rebuild_workers: int = Field(default=0, ge=0, le=256)

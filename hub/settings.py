"""Settings, read once: from the command line, then `HUB_...` variables, then these defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]


class Settings(BaseSettings):
    """Where the hub keeps its stores and its key, and what it talks to.

    Attributes:
        data: the data directory: the key file, and the stores and the log unless they are servers.
        key: the key-encryption key itself (base64).
        key_file: the file that holds it; without either, `master.key` in the data directory.
        database: PostgreSQL URL of ledger and read model; without it, SQLite in the data directory.
        key_database: PostgreSQL URL of the key store, which is another database; without it, SQLite.
        kafka_servers: Kafka's bootstrap servers, `host:port,...`; without it, the embedded log.
        kafka_group: the consumer group that workers share; without it, one named by the installation's id.
        kafka_session_ms: a worker that is not heard for so long loses its partitions to the others.
        kafka_topic_prefix: put before every topic's name, where several installations share a cluster.
        kafka_token_url: where OAUTHBEARER tokens are got by client credentials.
        registry_url: a schema registry with Confluent's API; without it, the schema files that come with the hub.
        registry_password: with `registry_username`, for basic authentication; without it, a bearer token.
        rebuild_workers: how many processes a rebuild uses; 0 means one per core.
        metrics_port: where a worker serves `/metrics` and `/healthz`; 0 means nowhere.
        watchdog_s: a worker that has not finished a step for so many seconds ends itself, to be started again.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", hide_input_in_errors=True)

    data: Path = Path("data")
    key: SecretStr | None = None
    key_file: Path | None = None
    schemas: Path | None = None
    busy_timeout_ms: int = Field(default=30_000, ge=0, le=600_000)
    rebuild_workers: int = Field(default=0, ge=0, le=256)

    database: SecretStr | None = None
    key_database: SecretStr | None = None

    partitions: int = Field(default=4, ge=1, le=1_000)
    replication: int = Field(default=3, ge=1, le=9)
    retention_days: int = Field(default=30, ge=1, le=3_650)
    kafka_servers: str | None = None
    kafka_group: str | None = None
    kafka_topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    kafka_security: Security = "PLAINTEXT"
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_key_password: SecretStr | None = None
    kafka_token_url: str | None = None
    kafka_client_id: str | None = None
    kafka_client_secret: SecretStr | None = None
    kafka_token_scope: str | None = None
    kafka_session_ms: int = Field(default=15_000, ge=100, le=600_000)
    kafka_timeout_ms: int = Field(default=30_000, ge=1_000, le=600_000)

    registry_url: str | None = None
    registry_username: str | None = None
    registry_password: SecretStr | None = None
    registry_ca_file: Path | None = None

    log_format: Literal["auto", "text", "json"] = "auto"
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65_535)
    watchdog_s: int = Field(default=300, ge=10, le=3_600)

"""Settings, read once: from the command line, then `HUB_...` variables, then these defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

__all__ = ["Settings", "SettingsError"]

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
        api_proxies: proxies whose `X-Forwarded-For` and `-Proto` are believed, with commas.
        api_requests_per_minute: how many requests one reader may make before 429.
        publish_at_once: requests that append to the log at the same time; more are told to come back (429).
        oidc_issuer: the address of the OpenID provider, whose discovery document is read; without it, every token is
            refused.
        oidc_claims: which claim holds what, where it is not the default: `{"adviser": "uid"}` (JSON).
        oidc_acr: the levels of login (`acr`) one of which a person's token must have, with commas; without it, any.
        directory: a JSON file that says who has which roles, for providers whose tokens do not.
        web_url: the address of the web pages in readers' browsers, `https://...`; without it, none are served.
        web_client_id: the web pages' own name at the OpenID provider.
        web_client_secret: and its secret there; without it, PKCE alone protects a login.
        web_client_auth: how the secret is sent; by default as the provider says that it prefers.
        web_scope: what is asked of the provider about whoever logs in.
        web_prompt: `login` makes the provider ask for a password each time; by default it decides.
        web_idle_minutes: a login of the web pages ends when it was not used for so long.
        web_session_hours: and after so long in any case.
        names_dir: a folder whose `advisers.csv` and `sites.csv` say what codes stand for on the pages.
        theme_dir: a folder whose `templates/` and `static/` replace the pages' own.
        break_glass_hours: how long a stated reason opens a person's pathway.
        volume_own_...: people whom an adviser accompanies and reads one by one: slowed, then stopped, beyond so many.
        volume_other_...: the same for people read for a reason, searched or looked up.
        volume_system_...: the same for a system's look-ups.
        access_log_months: how long the access log is kept before `hub access purge` may drop a month.
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

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65_535)
    api_proxies: str = "127.0.0.1"
    api_max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1_024, le=64 * 1024 * 1024)
    api_requests_per_minute: int = Field(default=6_000, ge=1, le=1_000_000)
    api_timeout_s: int = Field(default=30, ge=1, le=600)
    publish_at_once: int = Field(default=8, ge=1, le=64)

    oidc_issuer: str | None = None
    oidc_audience: str = "parcours-hub"
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_ca_file: Path | None = None
    oidc_claims: dict[str, str] = Field(default_factory=dict)
    oidc_acr: str = ""
    directory: Path | None = None

    web_url: str | None = None
    web_client_id: str | None = None
    web_client_secret: SecretStr | None = None
    web_client_auth: Literal["auto", "basic", "post"] = "auto"
    web_scope: str = Field(default="openid", pattern=r"^openid( [!-~]{1,100}){0,20}$")
    web_prompt: Literal["", "login", "consent", "select_account"] = ""
    web_idle_minutes: int = Field(default=30, ge=5, le=240)
    web_session_hours: int = Field(default=8, ge=1, le=24)
    names_dir: Path | None = None
    theme_dir: Path | None = None

    break_glass_hours: int = Field(default=4, ge=1, le=72)
    volume_own_slow_per_hour: int = Field(default=60, ge=1)
    volume_own_stop_per_day: int = Field(default=250, ge=1)
    volume_other_slow_per_hour: int = Field(default=10, ge=1)
    volume_other_stop_per_day: int = Field(default=30, ge=1)
    volume_system_slow_per_hour: int = Field(default=500, ge=1)
    volume_system_stop_per_day: int = Field(default=2_000, ge=1)
    access_log_months: int = Field(default=36, ge=6, le=240)

    log_format: Literal["auto", "text", "json"] = "auto"
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65_535)
    watchdog_s: int = Field(default=300, ge=10, le=3_600)

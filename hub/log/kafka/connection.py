"""How Kafka is reached: servers, TLS, login; and what of it does not fit together."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.errors import HubError, Usage
from hub.log.kafka.tokens import ClientCredentials

_SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
_OAUTH = "OAUTHBEARER"
_TLS = ("ca_file", "cert_file", "key_file", "key_password")
_PASSWORD_LOGIN = ("username", "password")
_TOKEN_LOGIN = ("token_url", "client_id", "client_secret", "token_scope")
CLIENT_ID = "parcours-hub"
"""Shows in the broker's logs, quotas and metrics."""
RECONNECT_MS = 2_000
"""The longest pause before a broker is tried again; the library's own 30 s would be 30 s more of outage."""
METADATA_MAX_AGE_MS = 10_000
"""How old may be what a client knows of topics and leaders: a topic made anew is noticed within that time."""


@dataclass(frozen=True)
class KafkaConnection:
    """Where Kafka is and who asks; an attribute is named as its `HUB_KAFKA_` setting.

    Attributes:
        servers: bootstrap servers, `host:port,...`.
        ca_file: the authorities that may have signed the servers' certificates; without it, those of the system. The
            token endpoint's certificate may be signed by either.
        topic_prefix: put before the name of every topic in the cluster; the port's names are without it.
        timeout_ms: how long an answer may take.
        session_ms: how long a worker that is not heard keeps its partitions.

    Raises:
        Usage: the settings do not fit together, or a file cannot be used.
    """

    servers: str
    security: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    token_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    token_scope: str | None = None
    topic_prefix: str = ""
    timeout_ms: int = 30_000
    session_ms: int = 15_000

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_tls()
        if self._is_oauth:
            self._check_oauth()
            self._refuses(f"HUB_KAFKA_MECHANISM is {_OAUTH}", "mechanism", *_PASSWORD_LOGIN)
        elif self.is_sasl:
            self._needs(f"with HUB_KAFKA_MECHANISM={self.mechanism}", *_PASSWORD_LOGIN)
            self._refuses(f"HUB_KAFKA_MECHANISM is {self.mechanism}", "mechanism", *_TOKEN_LOGIN)
        else:
            why = f"HUB_KAFKA_SECURITY is {self.security}, without login"
            self._refuses(why, "security", *_PASSWORD_LOGIN, *_TOKEN_LOGIN)

    @property
    def is_tls(self) -> bool:
        """Tell whether the connection is encrypted."""
        return self.security in {"SSL", "SASL_SSL"}

    @property
    def is_sasl(self) -> bool:
        """Tell whether the client logs in."""
        return self.security in {"SASL_PLAINTEXT", "SASL_SSL"}

    @property
    def token_failure(self) -> HubError | None:
        """Give why there is no token to log in with, if that is so."""
        return self._tokens.failure if self._is_oauth else None

    def addresses(self) -> list[str]:
        """Give the bootstrap servers."""
        return [server.strip() for server in self.servers.split(",") if server.strip()]

    def library_config(self) -> dict[str, Any]:
        """Give what every client of the library is told.

        Raises:
            Usage: a certificate or a key cannot be read.
        """
        config: dict[str, Any] = {
            "bootstrap_servers": self.addresses(),
            "bootstrap_timeout_ms": self.timeout_ms,
            "client_id": CLIENT_ID,
            "security_protocol": self.security,
            "reconnect_backoff_max_ms": RECONNECT_MS,
            "metadata_max_age_ms": METADATA_MAX_AGE_MS,
            # A dead peer behind a silent network is found by the system, not only by the next request's timeout.
            "socket_options": [
                (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
                (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
            ],
        }
        if self.is_tls:
            config["ssl_context"] = self.tls_context()
        if self.is_sasl:
            config["sasl_mechanism"] = self.mechanism
        if self._is_oauth:
            config["sasl_oauth_token_provider"] = self._tokens
        elif self.is_sasl:
            config |= {"sasl_plain_username": self.username, "sasl_plain_password": self.password}
        return config

    def tls_context(self) -> ssl.SSLContext:
        """Give a context that checks the servers' certificates and names.

        Raises:
            Usage: a certificate or a key cannot be read.
        """
        with self._ca_file_named():
            context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert_file is not None:
            try:
                # Without a password given, OpenSSL would ask for one at the terminal.
                context.load_cert_chain(self.cert_file, self.key_file, password=self.key_password or "")
            except (OSError, ValueError) as error:
                raise Usage(
                    f"HUB_KAFKA_CERT_FILE: {self.cert_file} with its key {self.key_file or 'in the same file'} "
                    f"cannot be used ({error}); check both files and HUB_KAFKA_KEY_PASSWORD"
                ) from error
        return context

    @cached_property
    def _tokens(self) -> ClientCredentials:
        """One for all clients of this connection.

        Raises:
            Usage: the file of authorities cannot be read.
        """
        trusted = ssl.create_default_context()
        if self.ca_file is not None:
            with self._ca_file_named():
                trusted.load_verify_locations(self.ca_file)
        return ClientCredentials(
            self.token_url or "", self.client_id or "", self.client_secret or "", self.token_scope, trusted
        )

    @property
    def _is_oauth(self) -> bool:
        return self.is_sasl and self.mechanism == _OAUTH

    @contextmanager
    def _ca_file_named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Usage(
                f"HUB_KAFKA_CA_FILE: {self.ca_file} is no readable PEM file of authorities ({error})"
            ) from error

    def _check_choices(self) -> None:
        if not self.addresses():
            raise Usage("HUB_KAFKA_SERVERS names no server; expected host:port,...")
        if self.security not in _SECURITY:
            raise Usage(f"HUB_KAFKA_SECURITY is {self.security}; expected one of {', '.join(_SECURITY)}")
        if self.mechanism not in _MECHANISMS:
            raise Usage(f"HUB_KAFKA_MECHANISM is {self.mechanism}; expected one of {', '.join(_MECHANISMS)}")

    def _check_tls(self) -> None:
        if not self.is_tls:
            is_for_tokens = self._is_oauth and (self.token_url or "").startswith("https:")
            unused = ("cert_file", "key_file", "key_password") if is_for_tokens else _TLS
            self._refuses(f"HUB_KAFKA_SECURITY is {self.security}, without TLS", "security", *unused)
        if self.key_file is not None:
            self._needs("with HUB_KAFKA_KEY_FILE", "cert_file")
        if self.cert_file is None:
            self._refuses("HUB_KAFKA_CERT_FILE is not", "cert_file", "key_password")

    def _check_oauth(self) -> None:
        self._needs(f"with HUB_KAFKA_MECHANISM={_OAUTH}", "token_url", "client_id", "client_secret")
        try:
            parts = urlsplit(self.token_url or "")
            port_is_valid = parts.port != 0
        except ValueError:
            parts, port_is_valid = urlsplit(""), False
        # Messages repeat the URL, so it may hold no secret.
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise Usage(
                "HUB_KAFKA_TOKEN_URL holds more than an address; give the name and the secret as HUB_KAFKA_CLIENT_ID "
                "and HUB_KAFKA_CLIENT_SECRET, and nothing after the path"
            )
        if not parts.hostname or not port_is_valid:
            raise Usage("HUB_KAFKA_TOKEN_URL is malformed; expected https:// with a host and a path")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}):
            raise Usage("HUB_KAFKA_TOKEN_URL must begin with https:// since the client's secret is sent there")

    def _needs(self, when: str, *names: str) -> None:
        for name in names:
            if not getattr(self, name):
                raise Usage(f"HUB_KAFKA_{name.upper()} is not set, and is needed {when}")

    def _refuses(self, why: str, other: str, *names: str) -> None:
        for name in names:
            if getattr(self, name):
                raise Usage(
                    f"HUB_KAFKA_{name.upper()} is set but {why}, so it would not be used; "
                    f"set HUB_KAFKA_{other.upper()} to what the cluster expects, or unset it"
                )

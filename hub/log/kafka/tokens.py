"""Tokens for OAUTHBEARER, got by the client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

import ssl
import time
from threading import Lock

import httpx2
from kafka.errors import KafkaConnectionError
from kafka.net.sasl.oauth import AbstractTokenProvider

from hub.errors import LogUnavailable, Usage

TIMEOUT_S = 5.0
"""It is waited for on the library's I/O thread, where heartbeats wait with it."""
EARLY_S = 30.0
"""A token is replaced that long before it expires, or at half of its life if that is shorter."""
_UNKNOWN_LIFE_S = 300.0


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc] # the library's classes are untyped
    """Gets a token and keeps it until shortly before it expires; threads may share one.

    Attributes:
        failure: why the last attempt gave no token; None since one was given.
    """

    def __init__(
        self, url: str, client_id: str, client_secret: str, scope: str | None, trusted: ssl.SSLContext
    ) -> None:
        super().__init__()
        self._trusted = trusted
        self._url = url
        self._credentials = (client_id, client_secret)
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._lock = Lock()
        self._token = ""
        self._replace_at = 0.0
        self.failure: LogUnavailable | Usage | None = None

    def token(self) -> str:
        """Give a token that is still valid.

        Raises:
            KafkaConnectionError: there is none, and `failure` says why. It is the library's own error, since it lets no
                other pass without harm: with this one it goes on as after any connection that was lost.
        """
        with self._lock:
            if time.monotonic() >= self._replace_at:
                try:
                    self._fetch()
                except (LogUnavailable, Usage) as error:
                    self.failure = error
                    raise KafkaConnectionError(str(error)) from error
                self.failure = None
            return self._token

    def _fetch(self) -> None:
        try:
            answer = httpx2.post(
                self._url,
                data=self._form,
                auth=self._credentials,
                timeout=TIMEOUT_S,
                verify=self._trusted,
                trust_env=False,  # neither a proxy nor a .netrc that the settings do not name
            )
        except httpx2.HTTPError as error:
            raise LogUnavailable(
                f"no token for Kafka: {self._url} (HUB_KAFKA_TOKEN_URL) does not answer ({_reason(error)})"
            ) from error
        if answer.status_code in {400, 401, 403}:
            raise Usage(
                f"no token for Kafka: {self._url} answered {answer.status_code}; check HUB_KAFKA_CLIENT_ID, "
                "HUB_KAFKA_CLIENT_SECRET and HUB_KAFKA_TOKEN_SCOPE"
            )
        try:
            answer.raise_for_status()
            found = answer.json()
            self._token = str(found["access_token"])
            life_s = float(found.get("expires_in", _UNKNOWN_LIFE_S))
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            # What it answered is not repeated: it may hold a token.
            raise LogUnavailable(
                f"no token for Kafka: {self._url} answered {answer.status_code} without an access_token"
            ) from error
        self._replace_at = time.monotonic() + life_s - min(EARLY_S, life_s / 2)


def _reason(error: httpx2.HTTPError) -> str:
    """Say why a connection was not made, such as a certificate that is not trusted; of others, only the kind."""
    return str(error) if isinstance(error, httpx2.ConnectError) else type(error).__name__

"""Asking an OpenID provider over HTTP: encrypted, bounded in time and size, never redirected."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from hub.codec.loopback import is_loopback
from hub.errors import IssuerUnavailable, Usage

TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 3.0
LARGEST_REPLY_BYTES = 256 * 1024
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_REFUSALS = {400, 401, 403}


class Reply(NamedTuple):
    """What a provider answered with status 200."""

    media_type: str
    content: bytes


class Refused(IssuerUnavailable):
    """The provider answers, and refuses this request."""


class IssuerHttp:
    """Asks one provider. Threads may share it. No message holds what was sent or answered.

    Args:
        clock: seconds that only grow; a reply that trickles in for longer than `timeout_s` is given up.
        ca_file: the certificate authorities to trust instead of the system's, PEM.
    """

    def __init__(self, *, clock: Callable[[], float], ca_file: Path | None, timeout_s: float = TIMEOUT_S) -> None:
        self._clock = clock
        self._ca_file = ca_file
        self._timeout_s = timeout_s

    def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Fetch a document.

        Raises:
            IssuerUnavailable: there is no good answer in time; `Refused` if there is one that says no.
        """
        return self._ask("GET", url, headers, None)

    def post(self, url: str, headers: Mapping[str, str], form: Mapping[str, str]) -> Reply:
        """Send a form.

        Raises:
            IssuerUnavailable: there is no good answer in time; `Refused` if there is one that says no.
        """
        return self._ask("POST", url, headers, dict(form))

    def _ask(self, method: str, url: str, headers: Mapping[str, str], form: dict[str, str] | None) -> Reply:
        try:
            with self._client.stream(method, url, headers=dict(headers), data=form) as response:
                _accept(url, response.status_code)
                media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return Reply(media_type, self._read(url, response))
        except httpx2.TimeoutException as error:
            raise IssuerUnavailable(f"{url} did not answer in time; see whether the provider is well") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            # The error's text is left out: it may repeat what was sent.
            name = type(error).__name__
            raise IssuerUnavailable(f"{url} cannot be reached ({name}); see whether the provider is well") from None

    def _read(self, url: str, response: httpx2.Response) -> bytes:
        until = self._clock() + self._timeout_s
        content = bytearray()
        for piece in response.iter_raw():
            content += piece
            if len(content) > LARGEST_REPLY_BYTES:
                raise IssuerUnavailable(f"{url} answers more than {LARGEST_REPLY_BYTES} bytes; check HUB_OIDC_ISSUER")
            if self._clock() > until:
                raise IssuerUnavailable(f"{url} did not end its answer within {self._timeout_s:g} seconds")
        return bytes(content)

    @cached_property
    def _client(self) -> httpx2.Client:
        return httpx2.Client(
            headers={"Accept-Encoding": "identity", "User-Agent": "parcours-hub"},
            verify=_trusted(self._ca_file),
            trust_env=False,  # neither a proxy nor a .netrc that the settings do not name
            timeout=httpx2.Timeout(self._timeout_s, connect=min(CONNECT_TIMEOUT_S, self._timeout_s)),
            follow_redirects=False,
            # Answers are remembered, so calls are rare: a connection kept would mostly be found closed.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )


def document(url: str, content: bytes) -> dict[str, Any]:
    """Read a reply as a JSON object.

    Raises:
        IssuerUnavailable: it is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None  # Not chained: the error holds the reply.
    if not isinstance(found, dict):
        raise IssuerUnavailable(f"{url} does not answer with a JSON object; check HUB_OIDC_ISSUER")
    return found


def is_safe(url: str, *, loopback: bool) -> bool:
    """Tell whether nobody on the way can listen or answer: HTTPS, or this machine where `loopback` allows it."""
    try:
        parts = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError):
        return False
    if _HOST.fullmatch(parts.host) is None or parts.userinfo or parts.fragment:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and is_loopback(parts.host))


def _accept(url: str, status: int) -> None:
    if status in _REFUSALS:
        raise Refused(
            f"{url} refuses the hub (HTTP {status}); check HUB_OIDC_CLIENT_ID and HUB_OIDC_CLIENT_SECRET, and what "
            "this client may do there"
        )
    if 300 <= status < 400:
        raise IssuerUnavailable(f"{url} redirects elsewhere (HTTP {status}), which is not followed")
    if status != 200:
        raise IssuerUnavailable(f"{url} failed (HTTP {status}); see whether the provider is well")


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise Usage(f"HUB_OIDC_CA_FILE cannot be used: {ca_file}, {reason}; name a PEM file") from error

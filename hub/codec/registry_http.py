"""Asking a schema registry over HTTP: several addresses, bounded time and size, credentials that no message repeats."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from hub.codec.loopback import is_loopback
from hub.errors import RegistryUnavailable, Usage

ATTEMPTS = 3
FIRST_PAUSE_S = 0.25
TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
LARGEST_ANSWER_BYTES = 4 * 1024 * 1024

_MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


class Answer(NamedTuple):
    """What the registry at an address answered, where it means something: 200, 404, 409 or 422, with JSON."""

    url: str
    status: int
    content: Any


class _Denied(RegistryUnavailable):
    """An answer that asking again would not change."""


class RegistryHttp:
    """Asks one server after the other, some times, until one answers. Threads may share it; it keeps no connection.

    Args:
        urls: base URLs, comma separated.
        sleep: waits that many seconds between attempts.
        clock: seconds that only grow; an answer that trickles in for longer than `timeout_s` is given up.
        username: for basic authentication; without it, `password` is a bearer token.
        ca_file: the certificate authorities to trust instead of the system's, PEM.

    Raises:
        Usage: the URLs or the credentials are malformed, or would send the password over a network in clear.
    """

    def __init__(
        self,
        urls: str,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._urls = [_base(url.strip()) for url in urls.split(",")]
        self._sleep = sleep
        self._clock = clock
        self._credentials = _credentials(username, password)
        if password is not None:
            _refuse_in_clear(self._urls)
        self._ca_file = ca_file
        self._timeout_s = timeout_s

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request that may be repeated without harm.

        Raises:
            RegistryUnavailable: no server answered, or one refused.
            Usage: the file of certificate authorities cannot be used.
        """
        pause = FIRST_PAUSE_S
        for _ in range(ATTEMPTS - 1):
            try:
                return self._ask_each(self._urls, method, path, body)
            except _Denied:
                raise
            except RegistryUnavailable:
                self._sleep(pause)
                pause *= 2
        return self._ask_each(self._urls, method, path, body)

    def _ask_each(self, urls: Sequence[str], method: str, path: str, body: object) -> Answer:
        url, *others = urls
        try:
            answer = self._ask_one(url, method, path, body)
        except _Denied:
            raise
        except RegistryUnavailable:
            if not others:
                raise
            return self._ask_each(others, method, path, body)
        # The server that answers is asked first from now on.
        self._urls = [url, *(other for other in self._urls if other != url)]
        return answer

    def _ask_one(self, url: str, method: str, path: str, body: object) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        try:
            with self._client.stream(method, url + path, content=content) as response:
                _refuse(url, response.status_code)
                return Answer(url, response.status_code, _parsed(url, self._read(url, response)))
        except httpx2.ConnectError as error:
            raise RegistryUnavailable(f"{at(url)} cannot be reached ({error}); start it, or correct its URL") from error
        except httpx2.TimeoutException as error:
            raise RegistryUnavailable(f"{at(url)} did not answer in time; see whether it is overloaded") from error
        except httpx2.HTTPError as error:
            raise RegistryUnavailable(f"{at(url)} broke off its answer ({type(error).__name__})") from error

    def _read(self, url: str, response: httpx2.Response) -> bytes:
        """Read an answer as it comes, which may neither swell nor trickle without end."""
        until = self._clock() + self._timeout_s
        content = bytearray()
        for piece in response.iter_raw():
            content += piece
            if len(content) > LARGEST_ANSWER_BYTES:
                raise RegistryUnavailable(f"{at(url)} answers more than {LARGEST_ANSWER_BYTES} bytes")
            if self._clock() > until:
                raise RegistryUnavailable(f"{at(url)} did not end its answer within {self._timeout_s:g} seconds")
        return bytes(content)

    @cached_property
    def _client(self) -> httpx2.Client:
        headers = {
            "Accept": f"{_MEDIA_TYPE}, application/json",
            "Accept-Encoding": "identity",
            "Content-Type": _MEDIA_TYPE,
            "User-Agent": "parcours-hub",
        }
        basic = None
        if isinstance(self._credentials, str):
            headers["Authorization"] = f"Bearer {self._credentials}"
        else:
            basic = self._credentials
        return httpx2.Client(
            auth=basic,
            headers=headers,
            verify=_trusted(self._ca_file),
            trust_env=False,  # neither a proxy nor a .netrc that the settings do not name
            timeout=httpx2.Timeout(self._timeout_s, connect=min(CONNECT_TIMEOUT_S, self._timeout_s)),
            # Answers are cached, so calls are rare: a connection kept would mostly be found closed by the other side.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )


def at(url: str) -> str:
    """Name the registry at an address, for messages."""
    return f"the schema registry at {url}"


def _base(url: str) -> str:
    expected = "expected http:// or https:// with a host, several comma separated"
    try:
        parts = httpx2.URL(url)
    except httpx2.InvalidURL:
        # Not chained: the URL may hold a password.
        raise Usage(f"HUB_REGISTRY_URL is malformed; {expected}") from None
    if parts.userinfo:
        raise Usage(
            "HUB_REGISTRY_URL holds a name or a password; give them as HUB_REGISTRY_USERNAME and HUB_REGISTRY_PASSWORD"
        )
    is_base = parts.scheme in {"http", "https"} and parts.host and not parts.query and not parts.fragment
    if not is_base or not 1 <= (parts.port or 1) <= 65_535 or any(sign.isspace() for sign in url):
        raise Usage(f"HUB_REGISTRY_URL is malformed; {expected}")
    return url.rstrip("/")


def _refuse_in_clear(urls: Sequence[str]) -> None:
    for url in urls:
        parts = httpx2.URL(url)
        if parts.scheme != "https" and not is_loopback(parts.host):
            raise Usage(
                f"HUB_REGISTRY_URL names {url}, where HUB_REGISTRY_PASSWORD would be sent in clear; give an https:// "
                "URL, or unset the password"
            )


def _credentials(username: str | None, password: str | None) -> tuple[str, str] | str | None:
    if username is not None and password is None:
        raise Usage("HUB_REGISTRY_USERNAME is set and HUB_REGISTRY_PASSWORD is not; set both, or neither")
    if username is not None and password is not None:
        return username, password
    if password is not None and (not password.isascii() or not password.isprintable() or " " in password):
        raise Usage("HUB_REGISTRY_PASSWORD is no bearer token; set HUB_REGISTRY_USERNAME too, or correct it")
    return password


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise Usage(f"HUB_REGISTRY_CA_FILE cannot be used: {ca_file}, {reason}; name a PEM file") from error


def _refuse(url: str, status: int) -> None:
    """Refuse a status that is no answer; its body, which may be anything, is not read."""
    if status in {401, 403}:
        raise _Denied(
            f"{at(url)} refuses the hub (HTTP {status}); check HUB_REGISTRY_USERNAME, HUB_REGISTRY_PASSWORD and what "
            "they may do there"
        )
    if 300 <= status < 400:
        raise _Denied(f"{at(url)} redirects elsewhere (HTTP {status}); set HUB_REGISTRY_URL to the final address")
    if status not in {200, 404, 409, 422}:
        raise RegistryUnavailable(f"{at(url)} failed (HTTP {status}); see its log")


def _parsed(url: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        # Not chained: the error holds the answer.
        raise RegistryUnavailable(
            f"{at(url)} does not answer in JSON; check HUB_REGISTRY_URL, path included, and what stands before it"
        ) from None

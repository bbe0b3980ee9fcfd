"""Where a client's bearer token comes from."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol, TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx2
import msgspec

from hub.errors import IssuerUnavailable, TokenInvalid, Usage

EARLY_S = 30.0
"""A token is replaced so long before it expires, or at half of a shorter life."""
_DISCOVERY = "/.well-known/openid-configuration"
_Read = TypeVar("_Read", bound=msgspec.Struct)
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class TokenSource(Protocol):
    """Gives bearer tokens; several threads may ask."""

    def token(self) -> str:
        """Give the token to send.

        Raises:
            TokenInvalid: there is none to be had.
            IssuerUnavailable: not now.
        """

    def refused(self, token: str) -> bool:
        """Take note that the hub refused a token; tell whether the next one is another."""


class FixedToken:
    """A token that somebody else got."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __repr__(self) -> str:
        return "FixedToken()"

    def token(self) -> str:
        """Give it."""
        return self._token

    def refused(self, token: str) -> bool:
        """There is no other."""
        return False


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: float | None = None


class _Discovered(msgspec.Struct):
    issuer: str
    token_endpoint: str


class _Refusal(msgspec.Struct):
    error: str = "no reason given"


class ClientCredentials:
    """Gets tokens by client credentials (RFC 6749, section 4.4), and replaces them before they expire.

    Args:
        token_url: the provider's token endpoint; or else `issuer`, of which it is discovered.
        client_id: the client's name at the provider.
        client_secret: its secret there.
        scope: what to ask for, if anything.
        timeout_s: how long an answer may take.
        elapsed_s: a monotonic clock.
        http: asks the provider, instead of a client made for each request: for a certificate authority, or a proxy.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        token_url: str = "",
        issuer: str = "",
        scope: str = "",
        timeout_s: float = 10.0,
        elapsed_s: Callable[[], float] = time.monotonic,
        http: httpx2.Client | None = None,
    ) -> None:
        if bool(token_url) == bool(issuer):
            raise Usage("give either the provider's token_url or its issuer")
        refuse_in_clear(token_url or issuer, "the client's secret")
        self._token_url = token_url
        self._issuer = issuer
        self._basic = httpx2.BasicAuth(quote_plus(client_id), quote_plus(client_secret))
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._elapsed_s = elapsed_s
        self._timeout_s = timeout_s
        self._http = http
        self._lock = Lock()
        self._token = ""
        self._replace_at_s: float | None = None

    def __repr__(self) -> str:
        return f"ClientCredentials({self._token_url or self._issuer!r})"

    def token(self) -> str:
        """Give a token that is valid for a while."""
        with self._lock:
            is_due = self._replace_at_s is not None and self._elapsed_s() >= self._replace_at_s
            if not self._token or is_due:
                self._get()
            return self._token

    def refused(self, token: str) -> bool:
        """Forget the token, unless another thread has replaced it."""
        with self._lock:
            if self._token == token:
                self._token = ""
        return True

    def _get(self) -> None:
        if not self._token_url:
            self._token_url = self._discovered()
        asked_at_s = self._elapsed_s()
        answer = self._ask("POST", self._token_url)
        if 400 <= answer.status_code < 500 and answer.status_code != 429:
            raise TokenInvalid(
                f"the provider gives no token ({answer.status_code}, {_read(answer, _Refusal).error}); check the "
                "client's id, its secret and its rights there"
            )
        granted = _read(_succeeded(answer), _Granted)
        self._token = granted.access_token
        life_s = granted.expires_in
        self._replace_at_s = None if life_s is None else asked_at_s + life_s - min(EARLY_S, life_s / 2)

    def _discovered(self) -> str:
        found = _read(_succeeded(self._ask("GET", self._issuer.rstrip("/") + _DISCOVERY)), _Discovered)
        if found.issuer.rstrip("/") != self._issuer.rstrip("/"):
            raise Usage("the provider names itself otherwise than `issuer`; give the address exactly as it does")
        refuse_in_clear(found.token_endpoint, "the client's secret")
        return found.token_endpoint

    def _ask(self, method: str, url: str) -> httpx2.Response:
        more: dict[str, Any] = {} if method == "GET" else {"data": self._form, "auth": self._basic}
        try:
            if self._http is not None:
                return self._http.request(method, url, **more)
            with httpx2.Client(timeout=self._timeout_s) as http:
                return http.request(method, url, **more)
        except httpx2.TransportError as error:
            failure = IssuerUnavailable(f"the OpenID provider does not answer ({type(error).__name__})")
        raise failure  # not while the other is handled: its request holds the secret


def refuse_in_clear(url: str, what: str) -> None:
    """Refuse to send a secret without encryption, but on this machine.

    Raises:
        Usage: the address is no URL, or not `https`.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Usage("the address is no URL; expected https://host, with a path if there is one")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Usage(f"{what} would go in clear to {parts.hostname}; use https")


def _succeeded(answer: httpx2.Response) -> httpx2.Response:
    if answer.status_code != 200:
        raise IssuerUnavailable(f"the OpenID provider answers {answer.status_code}")
    return answer


def _read(answer: httpx2.Response, kind: type[_Read]) -> _Read:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError:
        raise IssuerUnavailable("the OpenID provider answers with what is no document of its kind") from None

"""An OpenID provider as its discovery document describes it, with its keys: fetched, kept, and fetched again.

Source: OpenID Connect Discovery 1.0, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, NamedTuple

from hub.api.tokens.http import IssuerHttp, document, is_safe
from hub.api.tokens.keys import ALGORITHMS, MOST_KEYS, Keys
from hub.errors import IssuerUnavailable, Usage
from hub.telemetry.logs import Log

FRESH_S = 600.0
"""After so long keys are fetched again, in the background."""
KEPT_S = 4 * 3_600.0
"""So long keys count while the provider is away: longer, and a key that it withdrew might still open the hub."""
AGAIN_AFTER_S = 10.0
"""So long after a fetch, good or bad, no other begins, whatever tokens arrive."""
FIRST_AGAIN_AFTER_S = 1.0
"""The same while nothing is known of the provider yet: it may be starting, as the hub is."""
FIRST_WAIT_S = 12.0
"""A token that has to wait for the first fetch gives up after so long: two replies at their slowest."""
WAIT_S = 2.0
"""The same where keys are known: forged tokens that name new keys must not hold every thread of a slow provider's."""

_WELL_KNOWN = "/.well-known/openid-configuration"
_ACCEPT = {"Accept": "application/json"}


class Entrance(NamedTuple):
    """How a browser logs in at a provider: the addresses of its endpoints, None where it has none.

    `methods` are those by which a client may prove at `token` who it is, none if the provider does not say.
    `names_itself`: what it sends back has `iss` (RFC 9207). `takes_claims`: single claims can be asked for.
    """

    authorization: str | None
    token: str | None
    end_session: str | None
    methods: frozenset[str]
    names_itself: bool
    takes_claims: bool


class Provider(NamedTuple):
    """What is known of a provider since `fetched_at` (seconds of the clock)."""

    issuer: str
    keys: Keys
    algorithms: frozenset[str]
    introspection: str | None
    userinfo: str | None
    takes_basic: bool
    entrance: Entrance
    fetched_at: float


class Issuer:
    """Keeps what is known of a provider. Threads may share it; one fetches at a time, and the others share what it got.

    Args:
        issuer: its address exactly as its documents and tokens name it.
        clock: seconds that only grow.

    Raises:
        Usage: the address is malformed, or would be asked without encryption over a network.
    """

    def __init__(self, issuer: str, http: IssuerHttp, *, clock: Callable[[], float], log: Log) -> None:
        if not is_safe(issuer, loopback=True) or "?" in issuer:
            raise Usage(
                "HUB_OIDC_ISSUER is malformed or not encrypted; expected https://..., or http:// only on this machine"
            )
        self.url = issuer
        self._http = http
        self._clock = clock
        self._log = log
        self._lock = Lock()
        self._provider: Provider | None = None
        self._failure: IssuerUnavailable | None = None
        self._not_before = float("-inf")

    def current(self) -> Provider:
        """Give what is known of the provider; what is no longer fresh is fetched again in the background.

        Raises:
            IssuerUnavailable: nothing is known, or only what is too old.
        """
        known = self._provider
        if known is None:
            return self.renewed(None)
        age_s = self._clock() - known.fetched_at
        if age_s > KEPT_S:
            return self.renewed(known)
        if age_s > FRESH_S:
            self._renew_behind()
        return known

    def renewed(self, known: Provider | None) -> Provider:
        """Fetch what is newer than what is known, unless that was tried a moment ago.

        Raises:
            IssuerUnavailable: the last attempt failed, or goes on for too long.
        """
        if not self._lock.acquire(timeout=self._wait_s(known)):
            raise IssuerUnavailable(f"{self.url} is slow to give its keys; see whether the provider is well")
        try:
            if self._provider is known and self._clock() >= self._not_before:
                self._fetch()
        finally:
            self._lock.release()
        provider = self._provider
        if provider is None or (provider is known and self._failure is not None):
            raise IssuerUnavailable(str(self._failure))
        return provider

    def _wait_s(self, known: Provider | None) -> float:
        if self._failure is not None:
            return 0.0  # a provider that fails may hang too, and then whoever waits keeps others from being answered
        return FIRST_WAIT_S if known is None else WAIT_S

    def _renew_behind(self) -> None:
        if self._clock() < self._not_before or not self._lock.acquire(blocking=False):
            return
        try:
            Thread(target=self._fetch_behind, name="issuer-keys", daemon=True).start()
        except RuntimeError:
            self._lock.release()  # there is no thread to be had: a later request tries again

    def _fetch_behind(self) -> None:
        try:
            with suppress(IssuerUnavailable):
                self._fetch()
        finally:
            self._lock.release()

    def _fetch(self) -> None:
        try:
            self._provider = self._fetched()
            self._failure = None
        except IssuerUnavailable as error:
            self._failure = error
            self._log.warning("issuer_unavailable", error=error)
            raise
        finally:
            self._not_before = self._clock() + (FIRST_AGAIN_AFTER_S if self._provider is None else AGAIN_AFTER_S)

    def _fetched(self) -> Provider:
        url = self.url.rstrip("/") + _WELL_KNOWN
        found = document(url, self._http.get(url, _ACCEPT).content)
        if found.get("issuer") != self.url:
            raise IssuerUnavailable(
                f"{url} speaks for another issuer; set HUB_OIDC_ISSUER to exactly what it names, with or without the "
                "last slash"
            )
        methods = _names(found, "introspection_endpoint_auth_methods_supported") or _names(
            found, "token_endpoint_auth_methods_supported"
        )
        return Provider(
            self.url,
            self._keys(self._endpoint(found, "jwks_uri")),
            _algorithms(url, found),
            self._endpoint(found, "introspection_endpoint"),
            self._endpoint(found, "userinfo_endpoint"),
            not methods or "client_secret_basic" in methods,
            self._entrance(found),
            self._clock(),
        )

    def _entrance(self, found: Mapping[str, Any]) -> Entrance:
        return Entrance(
            self._endpoint_if_safe(found, "authorization_endpoint"),
            self._endpoint_if_safe(found, "token_endpoint"),
            self._endpoint_if_safe(found, "end_session_endpoint"),
            _names(found, "token_endpoint_auth_methods_supported"),
            found.get("authorization_response_iss_parameter_supported") is True,
            found.get("claims_parameter_supported") is True,
        )

    def _endpoint_if_safe(self, found: Mapping[str, Any], name: str) -> str | None:
        """Leave out what only logins need: tokens are read without it."""
        with suppress(IssuerUnavailable):
            return self._endpoint(found, name)
        return None

    def _endpoint(self, found: Mapping[str, Any], name: str) -> str | None:
        url = found.get(name)
        if url is None:
            return None
        if not isinstance(url, str) or not is_safe(url, loopback=self.url.startswith("http://")):
            raise IssuerUnavailable(f"the provider's {name} is no https:// address; it is not asked")
        return url

    def _keys(self, url: str | None) -> Keys:
        if url is None:
            raise IssuerUnavailable("the provider's discovery document has no jwks_uri; check HUB_OIDC_ISSUER")
        listed = document(url, self._http.get(url, _ACCEPT).content).get("keys")
        if not isinstance(listed, list) or len(listed) > MOST_KEYS or not (keys := Keys(listed)):
            raise IssuerUnavailable(f"{url} holds no key that checks signatures, or more than {MOST_KEYS}")
        return keys


def _algorithms(url: str, found: Mapping[str, Any]) -> frozenset[str]:
    said = _names(found, "id_token_signing_alg_values_supported")
    both = said & frozenset(ALGORITHMS) if said else frozenset(ALGORITHMS)
    if not both:
        raise IssuerUnavailable(f"{url} names no algorithm that the hub accepts: {', '.join(ALGORITHMS)}")
    return both


def _names(found: Mapping[str, Any], key: str) -> frozenset[str]:
    listed = found.get(key)
    return frozenset(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else frozenset()

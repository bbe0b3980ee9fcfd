"""Opaque tokens, which only their provider can read: introspection, and userinfo for what that leaves out.

Source: RFC 7662, and RFC 9701 for signed replies; OpenID Connect Core 1.0, section 5.3, for userinfo.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote_plus

from hub.api.tokens.http import IssuerHttp, Refused, Reply, document
from hub.api.tokens.issuer import Issuer, Provider
from hub.api.tokens.remembered import Allowance
from hub.api.tokens.signed import checked, ensure_meant, taken_apart
from hub.errors import IssuerUnavailable, TokenInvalid

SIGNED_REPLY = "application/token-introspection+jwt"
AT_ONCE = 8
"""Tokens that are asked about at the same time; the next one waits for `WAIT_S`."""
WAIT_S = 2.0
UNKNOWN_AT_ONCE = 100
UNKNOWN_PER_SECOND = 10.0
"""Tokens that turn out to be none and are asked about: beyond, new tokens have to wait, and known ones go on."""
AWAY_FOR_S = 5.0
"""So long after a failed reply no other token is asked about."""

_OPAQUE = re.compile(r"[A-Za-z0-9._~+/-]{16,1024}=*")
_TYPES = frozenset({"jwt", "token-introspection+jwt"})
OF_PERSON = ("email", "email_verified", "siret", "uid")
_CLAIM_OF_REPLY = "token_introspection"


class Introspection:
    """Asks the provider about opaque tokens, in the name of the hub as its client."""

    def __init__(
        self,
        issuer: Issuer,
        http: IssuerHttp,
        *,
        client_id: str,
        client_secret: str,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._issuer = issuer
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._now = now
        self._clock = clock
        self._slots = BoundedSemaphore(AT_ONCE)
        self._unknown = Allowance(UNKNOWN_AT_ONCE, UNKNOWN_PER_SECOND, clock)
        self._away_until = float("-inf")

    def claims(self, token: str, provider: Provider, audiences: frozenset[str]) -> dict[str, Any]:
        """Give the claims of a token that its provider calls active, and that was given to a client of the hub's.

        Raises:
            TokenInvalid: it is not, or was given to another client.
            IssuerUnavailable: the provider cannot say so now.
        """
        if provider.introspection is None:
            raise TokenInvalid("the token is no JWT, and the provider does not say what others mean")
        if _OPAQUE.fullmatch(token) is None:
            raise TokenInvalid("the token is malformed; send the access token as the provider gave it")
        found = self._asked(token, provider, provider.introspection)
        if found.get("active") is not True:
            raise TokenInvalid("the provider does not know the token, or it has expired; get a new one")
        self._unknown.give_back()
        _ensure_given_to(found, audiences)
        ensure_meant(found, provider.issuer, audiences, self._now, "sub")
        return found

    def person(self, token: str, provider: Provider, subject: str) -> Mapping[str, Any]:
        """Give what the provider's userinfo says of whom the subject of a token is, and nothing of their login.

        Raises:
            TokenInvalid: it is about someone else, or signed by no key of the provider.
            IssuerUnavailable: there is no good answer.
        """
        if provider.userinfo is None:
            return {}
        headers = {"Accept": "application/jwt, application/json", "Authorization": f"Bearer {token}"}
        try:
            reply = self._ask(lambda url: self._http.get(url, headers), provider.userinfo)
        except Refused:
            raise TokenInvalid(
                "the provider's userinfo refuses the token; ask for scopes that let the hub see who it is"
            ) from None
        found = self._read(provider.userinfo, reply, "application/jwt", provider)
        if found.get("sub") != subject:
            raise TokenInvalid("the provider's userinfo is about someone else")
        return {name: found[name] for name in OF_PERSON if name in found}

    def _asked(self, token: str, provider: Provider, url: str) -> dict[str, Any]:
        if not self._unknown.take():
            raise IssuerUnavailable("too many unknown tokens arrive; new ones have to wait, try again in a second")
        form = {"token": token, "token_type_hint": "access_token"}
        headers = {"Accept": f"{SIGNED_REPLY}, application/json;q=0.9"}
        if provider.takes_basic:
            headers["Authorization"] = f"Basic {self._basic()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        reply = self._ask(lambda address: self._http.post(address, headers, form), url)
        found = self._read(url, reply, SIGNED_REPLY, provider)
        if reply.media_type != SIGNED_REPLY:
            return found
        ensure_meant(found, provider.issuer, frozenset({self._client_id}), self._now, "iss", "aud")
        inner = found.get(_CLAIM_OF_REPLY)
        return inner if isinstance(inner, dict) else {}

    def _ask(self, ask: Callable[[str], Reply], url: str) -> Reply:
        if self._clock() < self._away_until:
            raise IssuerUnavailable(f"{url} failed a moment ago; try again in {AWAY_FOR_S:g} seconds")
        if not self._slots.acquire(timeout=WAIT_S):
            raise IssuerUnavailable(f"{url} is slow, and too many tokens wait for it; try again in a second")
        try:
            return ask(url)
        except Refused:
            raise  # of this token: another one may be answered
        except IssuerUnavailable:
            self._away_until = self._clock() + AWAY_FOR_S
            raise
        finally:
            self._slots.release()

    def _read(self, url: str, reply: Reply, signed_type: str, provider: Provider) -> dict[str, Any]:
        if reply.media_type != signed_type:
            return document(url, reply.content)
        try:
            signed = taken_apart(reply.content.decode("ascii", "replace").strip())
            return checked(signed, self._issuer, provider, _TYPES)
        except TokenInvalid:
            raise IssuerUnavailable(
                f"{url} answers with a JWT that no key of the provider signed; let it sign for this client with RS256 "
                "or ES256, or not at all, and not encrypt"
            ) from None

    def _basic(self) -> str:
        # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
        return base64.b64encode(pair.encode()).decode()


def _ensure_given_to(found: Mapping[str, Any], audiences: frozenset[str]) -> None:
    """Refuse a token of a client that has nothing to do with the hub: its owner could use it for its users here."""
    if "aud" not in found and found.get("client_id") not in audiences:
        raise TokenInvalid("the token was given to a client that is not in HUB_OIDC_AUDIENCE")

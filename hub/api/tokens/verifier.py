"""Who a bearer token names: a JWT checked here, an opaque token by its provider, both remembered for a moment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from hub.api.tokens.claims import NOBODY, ClaimNames, claim_names, is_of_system, reader_of, standing_of
from hub.api.tokens.directory import Standings, directory_of
from hub.api.tokens.http import IssuerHttp
from hub.api.tokens.introspection import OF_PERSON, Introspection
from hub.api.tokens.issuer import Issuer, Provider
from hub.api.tokens.remembered import Remembered
from hub.api.tokens.signed import LEEWAY_S, checked, ensure_access_token, ensure_meant, is_signed, taken_apart
from hub.api.watched import Watched
from hub.domain.access import Reader
from hub.errors import TokenInvalid, Usage
from hub.telemetry.logs import Log

LONGEST_TOKEN = 8 * 1024
REMEMBERED_S = 60.0
"""So long a token that was checked is not checked again, unless keys or directory changed, or it expired."""
INTROSPECTED_S = 30.0
"""The same for an opaque token, which its provider may take back at any time, and for one that it does not know."""
MOST_REMEMBERED = 20_000

_TYPES = frozenset({"at+jwt", "jwt"})
_TYPES_BESIDE_OPAQUE = frozenset({"at+jwt"})
"""Where access tokens are opaque, what is merely a JWT is something else: an ID token, or a userinfo."""


class NoIssuer:
    """Refuses every token: no provider is set."""

    def reader(self, token: str) -> Reader:
        """Refuse."""
        raise TokenInvalid("no OpenID provider is set for this hub (HUB_OIDC_ISSUER), so that no token counts")

    def ready(self) -> None:
        """Be ready: there is nothing to wait for."""


class _Known(NamedTuple):
    reader: Reader
    provider: Provider
    standings: Standings | None


class Verifier:
    """Reads bearer tokens of one provider. Threads may share it.

    Args:
        audiences: for whom tokens have to be; an opaque token without audience has to be of one of these clients.
        directory: where roles come from, and only from there; without it, they come from the claims by `names`.
        levels: of which `acr` a person's login has to be, if of any.
        now: aware UTC, for tokens' dates.
        clock: seconds that only grow, for what is remembered.

    Raises:
        Usage: there is no audience.
    """

    def __init__(
        self,
        issuer: Issuer,
        *,
        audiences: frozenset[str],
        names: ClaimNames,
        directory: Watched[Standings] | None,
        introspection: Introspection | None,
        levels: frozenset[str],
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        if not audiences:
            raise Usage("HUB_OIDC_AUDIENCE is empty; name the audience that the provider puts into tokens for the hub")
        self.issuer = issuer
        self._audiences = audiences
        self._names = names
        self._directory = directory
        self._introspection = introspection
        self._types = _TYPES if introspection is None else _TYPES_BESIDE_OPAQUE
        self.levels = levels
        self.now = now
        self._clock = clock
        self._remembered = Remembered[_Known](MOST_REMEMBERED)
        self._unknown = Remembered[str](MOST_REMEMBERED)

    def reader(self, token: str) -> Reader:
        """Give who a token names.

        Raises:
            TokenInvalid: the token is malformed, expired, forged, or not for this hub.
            IssuerUnavailable: the provider's keys cannot be had now.
        """
        if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
            raise TokenInvalid(
                f"the token has none or more than {LONGEST_TOKEN} characters, or others than a token has"
            )
        provider = self.issuer.current()
        standings = None if self._directory is None else self._directory.current()
        digest = hashlib.sha256(token.encode()).digest()
        known = self._remembered.get(digest, self._clock())
        if known is not None and known.provider is provider and known.standings is standings:
            return known.reader
        if is_signed(token):
            claims, longest_s = self._signed(token, provider), REMEMBERED_S
        else:
            claims, longest_s = self._opaque(token, digest, provider, standings), INTROSPECTED_S
        reader = self._reader(claims, standings, is_system=is_of_system(claims))
        until = self._clock() + self._counts_for_s(claims, longest_s)
        self._remembered.keep(digest, _Known(reader, provider, standings), until)
        return reader

    def person(self, claims: Mapping[str, Any]) -> Reader:
        """Give who the claims of a person's login name, as of now: the directory may have changed since they logged in.

        Raises:
            TokenInvalid: a claim is malformed, or the login not strong enough.
        """
        standings = None if self._directory is None else self._directory.current()
        return self._reader(claims, standings, is_system=False)

    def access(self, token: str) -> Mapping[str, Any]:
        """Give the claims of an access token that is a JWT for the hub.

        Raises:
            TokenInvalid: it is none.
            IssuerUnavailable: the provider's keys cannot be had now.
        """
        return self._signed(token, self.issuer.current())

    @property
    def telling(self) -> frozenset[str]:
        """The claims that tell who a person is to the hub: of all others nothing has to be kept."""
        said = () if self._directory is not None else (*self._names, *(name.split(".")[0] for name in self._names))
        return frozenset({"sub", "acr", *OF_PERSON, *said})

    def ready(self) -> None:
        """Ask whether tokens can be checked now.

        Raises:
            IssuerUnavailable: the provider's keys cannot be had now.
        """
        self.issuer.current()

    def _signed(self, token: str, provider: Provider) -> Mapping[str, Any]:
        claims = checked(taken_apart(token), self.issuer, provider, self._types)
        ensure_meant(claims, provider.issuer, self._audiences, self.now, "iss", "aud", "exp", "sub")
        ensure_access_token(claims)
        return claims

    def _opaque(self, token: str, digest: bytes, provider: Provider, standings: Standings | None) -> Mapping[str, Any]:
        if self._introspection is None:
            raise TokenInvalid("the token is no JWT; send the access token as the provider gave it")
        if (refusal := self._unknown.get(digest, self._clock())) is not None:
            raise TokenInvalid(refusal)
        try:
            claims = self._introspection.claims(token, provider, self._audiences)
            if standings is not None and standings.needs_person and standings.of(claims, is_system=False) is None:
                return {**self._introspection.person(token, provider, claims["sub"]), **claims}
        except TokenInvalid as error:
            self._unknown.keep(digest, str(error), self._clock() + INTROSPECTED_S)
            raise
        return claims

    def _reader(self, claims: Mapping[str, Any], standings: Standings | None, *, is_system: bool) -> Reader:
        if self.levels and not is_system and str(claims.get("acr")) not in self.levels:
            raise TokenInvalid("the login behind the token is not strong enough (`acr`); log in with a second factor")
        if standings is None:
            standing = standing_of(claims, self._names)
        else:
            standing = standings.of(claims, is_system=is_system) or NOBODY
        return reader_of(self.issuer.url, claims, standing, is_system=is_system)

    def _counts_for_s(self, claims: Mapping[str, Any], longest_s: float) -> float:
        now, expires = self.now().timestamp(), claims.get("exp")
        if expires is None or expires + LEEWAY_S > now + longest_s:
            return longest_s
        return float(expires + LEEWAY_S - now)


def verifier_of(
    issuer: str,
    *,
    audience: str,
    claims: Mapping[str, str],
    directory: Path | None,
    client_id: str | None,
    client_secret: str | None,
    levels: str,
    ca_file: Path | None,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    log: Log,
) -> Verifier:
    """Make the verifier of a provider from settings; `audience` and `levels` are names with commas.

    Nothing is asked of the provider before the first token, so that the hub starts without it.

    Raises:
        Usage: a setting is malformed, contradicts another one, or names a file that cannot be read.
    """
    if (client_id is None) != (client_secret is None):
        raise Usage("set both HUB_OIDC_CLIENT_ID and HUB_OIDC_CLIENT_SECRET, or neither")
    http = IssuerHttp(clock=clock, ca_file=ca_file)
    provider = Issuer(issuer, http, clock=clock, log=log)
    introspection = None
    if client_id is not None and client_secret is not None:
        introspection = Introspection(
            provider, http, client_id=client_id, client_secret=client_secret, now=now, clock=clock
        )
    return Verifier(
        provider,
        audiences=_listed(audience),
        names=claim_names(claims),
        directory=None if directory is None else directory_of(directory, clock=clock, log=log),
        introspection=introspection,
        levels=_listed(levels),
        now=now,
        clock=clock,
    )


def _listed(names: str) -> frozenset[str]:
    return frozenset(name for each in names.split(",") if (name := each.strip()))

"""What a provider proves of whoever logged in: the ID token, the access token where it is for the hub, and userinfo.

Source: OpenID Connect Core 1.0, sections 3.1.3.7 (ID token) and 5.3 (userinfo).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from hub.api.tokens.http import IssuerHttp, Refused, document
from hub.api.tokens.issuer import Issuer, Provider
from hub.api.tokens.signed import UNTYPED, checked, ensure_meant, is_signed, taken_apart
from hub.domain.access import Reader
from hub.errors import IssuerUnavailable, LoginFailed, TokenInvalid

LONGEST_TOKEN = 16 * 1024
LONGEST_NAME = 100
NAMELESS = "Compte professionnel"
"""Stands for the name of whom the provider does not name."""
_TYPES = frozenset({"jwt", UNTYPED})


class Identities(Protocol):
    """Knows what claims make of a person; of bearer tokens the same says so."""

    issuer: Issuer
    levels: frozenset[str]
    """Of which `acr` a login has to be, if of any."""
    now: Callable[[], datetime]

    @property
    def telling(self) -> frozenset[str]:
        """The claims that tell who a person is to the hub."""
        ...

    def person(self, claims: Mapping[str, Any]) -> Reader:
        """Give who a person is as of now.

        Raises:
            TokenInvalid: a claim is malformed, or the login not strong enough.
        """
        ...

    def access(self, token: str) -> Mapping[str, Any]:
        """Give the claims of an access token for the hub.

        Raises:
            TokenInvalid: it is none.
        """
        ...


class Proven(NamedTuple):
    """Who logged in: the claims that tell so, how to greet them, and the provider's token that names the login."""

    claims: Mapping[str, Any]
    name: str
    id_token: str


class Proofs:
    """Reads what a provider's token endpoint answered."""

    def __init__(self, identities: Identities, http: IssuerHttp, client_id: str) -> None:
        self._identities = identities
        self._http = http
        self._client_id = client_id

    def read(self, answer: Mapping[str, Any], provider: Provider, nonce: str) -> Proven:
        """Give who logged in.

        Raises:
            TokenInvalid: a token is forged, expired, or of another login.
            LoginFailed: the login is not strong enough, or nobody gave its reader a role.
            IssuerUnavailable: the provider does not say what is needed.
        """
        id_token, access_token = _token(answer, "id_token"), _token(answer, "access_token")
        proven = self._id_claims(id_token, provider, nonce)
        claims = {**_only(proven, self._identities.telling), **self._access_claims(access_token, proven["sub"])}
        claims["acr"] = proven.get("acr", claims.get("acr"))
        name = _name(proven)
        self._ensure_strong(claims)
        if name is None or not self._identities.person(claims).roles:
            more = self._userinfo(access_token, provider, proven["sub"])
            claims = {**_only(more, self._identities.telling - {"acr"}), **claims}
            name = name or _name(more)
        if not self._identities.person(claims).roles:
            raise LoginFailed(
                "nobody gave this reader a role; name them in the directory, or in their claims", "nobody"
            )
        return Proven(claims, name or NAMELESS, id_token)

    def _id_claims(self, id_token: str, provider: Provider, nonce: str) -> dict[str, Any]:
        signed = taken_apart(id_token)
        claims = checked(signed, self._identities.issuer, provider, _TYPES)
        client = frozenset({self._client_id})
        ensure_meant(claims, provider.issuer, client, self._identities.now, "iss", "aud", "exp", "sub")
        if not isinstance(claims.get("iat"), int | float) or claims.get("azp", self._client_id) != self._client_id:
            raise TokenInvalid("the ID token has no time of issue, or was made for another client")
        said = claims.get("nonce")
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise TokenInvalid("the ID token is of another login (`nonce`)")
        return claims

    def _access_claims(self, token: str, subject: str) -> dict[str, Any]:
        if not is_signed(token):
            return {}
        try:
            claims = self._identities.access(token)
        except TokenInvalid:
            return {}  # for someone else: what the ID token says has to be enough
        return _only(claims, self._identities.telling) if claims["sub"] == subject else {}

    def _userinfo(self, token: str, provider: Provider, subject: str) -> Mapping[str, Any]:
        if provider.userinfo is None:
            return {}
        headers = {"Accept": "application/jwt, application/json", "Authorization": f"Bearer {token}"}
        try:
            reply = self._http.get(provider.userinfo, headers)
        except Refused:
            return {}
        if reply.media_type == "application/jwt":
            signed = taken_apart(reply.content.decode("ascii", "replace").strip())
            found = checked(signed, self._identities.issuer, provider, _TYPES)
            ensure_meant(found, provider.issuer, frozenset({self._client_id}), self._identities.now)
        else:
            found = document(provider.userinfo, reply.content)
        if found.get("sub") != subject:
            raise TokenInvalid("the provider's userinfo is about someone else")
        return found

    def _ensure_strong(self, claims: Mapping[str, Any]) -> None:
        levels = self._identities.levels
        if levels and str(claims.get("acr")) not in levels:
            raise LoginFailed("the login is not of a level in HUB_OIDC_ACR", "weak")


def _token(answer: Mapping[str, Any], name: str) -> str:
    token = answer.get(name)
    if not isinstance(token, str) or not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise IssuerUnavailable(f"the provider's token endpoint gives no {name}; check what its client may do")
    return token


def _only(claims: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name in names}


def _name(claims: Mapping[str, Any]) -> str | None:
    """Give how to greet someone; ProConnect says `usual_name` where others say `family_name`."""
    parts = [claims.get("given_name"), claims.get("usual_name") or claims.get("family_name")]
    whole = claims.get("name") or " ".join(part for part in parts if isinstance(part, str))
    if not isinstance(whole, str):
        return None
    shown = " ".join("".join(each if each.isprintable() else " " for each in whole).split())
    return shown[:LONGEST_NAME] or None

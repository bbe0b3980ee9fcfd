"""Signed tokens: read strictly, checked by a provider's keys, and their claims against what is expected.

Source: RFC 7519 (JWT), RFC 8725 (its best current practices), RFC 9068 (access tokens as JWT).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from hub.api.tokens.issuer import Issuer, Provider
from hub.api.tokens.keys import ALGORITHMS
from hub.codec.strictjson import decode
from hub.errors import TokenInvalid, Undecodable

LEEWAY_S = 30
"""By how much the provider's clock may differ from this one."""
LONGEST_KID = 256
UNTYPED = ""
"""Among the types that are taken: a token that does not say which it is, as ID tokens may."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]{2,2048})\.([A-Za-z0-9_-]{2,})\.([A-Za-z0-9_-]+)")
_REFUSED_HEADERS = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip"})
"""They bring a key along, say where one is, or change how the token is read: no access token needs them."""
_OF_ID_TOKENS = ("at_hash", "c_hash", "s_hash", "events")


class Signed(NamedTuple):
    """A token taken apart; nothing of it is to be believed before its signature was checked."""

    header: dict[str, Any]
    content: bytes
    message: bytes
    signature: bytes


def is_signed(token: str) -> bool:
    """Tell whether a token looks like a JWT, and so has to be one."""
    return token.count(".") >= 2 and token.startswith("ey")


def taken_apart(token: str) -> Signed:
    """Read a token in JWS compact serialisation.

    Raises:
        TokenInvalid: it is none.
    """
    found = _COMPACT.fullmatch(token)
    if found is None:
        raise TokenInvalid("the token is not a signed JWT; send the access token as the provider gave it")
    try:
        header, content, signature = (urlsafe_b64decode(part.encode()) for part in found.groups())
    except ValueError:
        raise TokenInvalid("the token is not a signed JWT; it was cut or changed on the way") from None
    return Signed(_object(header), content, token.rpartition(".")[0].encode(), signature)


def checked(signed: Signed, issuer: Issuer, provider: Provider, types: frozenset[str]) -> dict[str, Any]:
    """Give the claims of a token whose type, algorithm, key and signature are right.

    A key id that is not known makes the provider's keys be fetched once more.

    Raises:
        TokenInvalid: one of them is not.
        IssuerUnavailable: the provider's keys cannot be had now.
    """
    algorithm, kid = _header(signed.header, provider, types)
    if kid is not None and not provider.keys.knows(kid):
        provider = issuer.renewed(provider)
    for key in provider.keys.fitting(algorithm, kid):
        if _verifies(signed, algorithm, key):
            return _object(signed.content)
    raise TokenInvalid("the token's signature is not by a key of the provider for its algorithm; get a new token")


def _header(header: Mapping[str, Any], provider: Provider, types: frozenset[str]) -> tuple[str, str | None]:
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", UNTYPED)
    if not isinstance(algorithm, str) or algorithm not in provider.algorithms:
        raise TokenInvalid("the token's algorithm is none that the provider signs with and the hub accepts")
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise TokenInvalid("the token's header has a parameter that no access token needs; get one from the provider")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types:
        raise TokenInvalid("the token is of another type; send an access token")
    if kid is not None and (not isinstance(kid, str) or len(kid) > LONGEST_KID):
        raise TokenInvalid("the token's key id is malformed")
    return algorithm, kid


def _verifies(signed: Signed, algorithm: str, key: Any) -> bool:
    try:
        return ALGORITHMS[algorithm].verify(signed.message, signed.signature, key)
    except (JoseError, ValueError):
        return False


def ensure_access_token(claims: Mapping[str, Any]) -> None:
    """Refuse what a provider signs for other ends (ID tokens, logout tokens, refresh tokens), or binds to a key.

    Keycloak says in a claim what a token is; others do not, and only an ID token answers to a nonce or a code.

    Raises:
        TokenInvalid: it is one of these.
    """
    kind = claims.get("typ")
    is_other = kind != "Bearer" if kind is not None else "nonce" in claims
    if is_other or any(name in claims for name in _OF_ID_TOKENS):
        raise TokenInvalid("this is not an access token; send the one that the provider gave as `access_token`")
    if "cnf" in claims:
        raise TokenInvalid("the token is bound to a key (`cnf`), which the hub does not check; get a bearer token")


def ensure_meant(
    claims: Mapping[str, Any], issuer: str, audiences: frozenset[str], now: Callable[[], datetime], *needed: str
) -> None:
    """Check by whom claims are, for whom, and when: `iss`, `aud`, `exp`, `nbf`, `iat`.

    Raises:
        TokenInvalid: one of them is wrong, or one that is needed is missing.
    """
    registry = JWTClaimsRegistry(
        now=lambda: int(now().timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": "iss" in needed, "value": issuer},
        aud={"essential": "aud" in needed, "values": sorted(audiences)},
        exp={"essential": "exp" in needed},
        sub={"essential": "sub" in needed},
    )
    try:
        registry.validate({name: claims[name] for name in ("iss", "aud", "exp", "nbf", "iat", "sub") if name in claims})
    except ExpiredTokenError:
        raise TokenInvalid("the token has expired; get a new one") from None
    except (MissingClaimError, InvalidClaimError) as error:
        raise TokenInvalid(
            f"the token is not for this hub, or not for now: its claim `{error.claim}` is missing or wrong"
        ) from None


def _object(content: bytes) -> dict[str, Any]:
    """Read a JSON object in which no name stands twice: another reader would take the other value."""
    try:
        found = decode(content)
    except Undecodable:
        found = None
    if not isinstance(found, dict):
        raise TokenInvalid("the token does not hold a JSON object with each name once")
    return found

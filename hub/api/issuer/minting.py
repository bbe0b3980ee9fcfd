"""The local issuer's tokens: who gets which, signed with a key that lives as long as the process."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from hub.api.issuer.users import LocalSystem, LocalUser
from hub.errors import TokenInvalid

LIFETIME_S = 3_600
CODE_LIFETIME_S = 60
MOST_CODES = 1_000
WEB_CLIENT = "parcours-hub-web"
"""The public client of the web pages: it has no secret, and proves with PKCE that a code is its own."""
SECRET_CHARACTERS = 32
_ALGORITHM = "ES256"


class Grant(NamedTuple):
    """What a code stands for until it is used."""

    user: LocalUser
    redirect_uri: str
    challenge: str
    nonce: str | None
    until: float


class LocalIssuer:
    """Knows users and systems, and signs their tokens.

    Args:
        url: its address, as tokens name it.
        audience: for whom its access tokens are.
        seed: at least 32 random bytes, of which key and secrets are made; the same seed, the same secrets.
        random_bytes: for codes.
    """

    def __init__(
        self,
        url: str,
        *,
        audience: str,
        users: Sequence[LocalUser],
        systems: Sequence[LocalSystem],
        redirect_uris: Sequence[str],
        logout_uris: Sequence[str] = (),
        seed: bytes,
        random_bytes: Callable[[int], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self.url = url
        self.users = {user.login: user for user in users}
        self.redirect_uris = frozenset(redirect_uris)
        self.logout_uris = frozenset(logout_uris)
        self._systems = {system.client_id: system for system in systems}
        self._audience = audience
        self._seed = seed
        self._random_bytes = random_bytes
        self._now = now
        self._key = ECKey.derive_key(seed, "P-256", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True)
        self._codes: dict[str, Grant] = {}

    def jwks(self) -> Mapping[str, Any]:
        """Give the public key, as a JSON Web Key Set."""
        return {"keys": [self._key.as_dict(private=False)]}

    def secret_of(self, name: str) -> str:
        """Give the secret with which a user's or system's token is got."""
        return base64.urlsafe_b64encode(hmac.digest(self._seed, name.encode(), "sha256"))[:SECRET_CHARACTERS].decode()

    def token_by_secret(self, name: str, secret: str) -> Mapping[str, Any] | None:
        """Give the token of a user or system, None if the secret is another one."""
        who = self.users.get(name) or self._systems.get(name)
        if not hmac.compare_digest(self.secret_of(name).encode(), secret.encode()) or who is None:
            return None
        is_system = isinstance(who, LocalSystem)
        return self._answer(self.access_token(who.claims(), client=name if is_system else WEB_CLIENT))

    def access_token(self, claims: Mapping[str, Any], client: str) -> str:
        """Sign an access token (RFC 9068)."""
        return self._signed("at+jwt", {**claims, "aud": self._audience, "client_id": client})

    def code(self, user: LocalUser, redirect_uri: str, challenge: str, nonce: str | None) -> str:
        """Give a code that stands for a user's login; the oldest unused one makes room."""
        while len(self._codes) >= MOST_CODES:
            del self._codes[next(iter(self._codes))]
        code = base64.urlsafe_b64encode(self._random_bytes(24)).decode()
        until = self._now().timestamp() + CODE_LIFETIME_S
        self._codes[code] = Grant(user, redirect_uri, challenge, nonce, until)
        return code

    def token_by_code(self, code: str, redirect_uri: str, verifier: str) -> Mapping[str, Any] | None:
        """Give the tokens of a login, once; None if the code is used, old, or another client's."""
        grant = self._codes.pop(code, None)
        if grant is None or self._now().timestamp() > grant.until or redirect_uri != grant.redirect_uri:
            return None
        if not hmac.compare_digest(challenge_of(verifier), grant.challenge.encode()):
            return None
        claims = grant.user.claims()
        about = {"aud": WEB_CLIENT, **({} if grant.nonce is None else {"nonce": grant.nonce})}
        id_token = self._signed("JWT", {"sub": claims["sub"], "name": claims["name"], "acr": claims["acr"], **about})
        return {**self._answer(self.access_token(claims, WEB_CLIENT)), "id_token": id_token}

    def userinfo(self, token: str) -> Mapping[str, Any]:
        """Give what is said of the user whose access token this is.

        Raises:
            TokenInvalid: it is none.
        """
        try:
            read = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except (JoseError, ValueError):
            raise TokenInvalid("the token is none of this issuer's") from None
        user = self.users.get(read.claims["sub"])
        if read.header["typ"] != "at+jwt" or user is None or read.claims["exp"] < self._now().timestamp():
            raise TokenInvalid("the token has expired, or is no user's access token")
        return user.claims()

    def _signed(self, kind: str, claims: Mapping[str, Any]) -> str:
        at = int(self._now().timestamp())
        jti = self._random_bytes(12).hex()
        all_claims = {"iss": self.url, "iat": at, "exp": at + LIFETIME_S, "jti": jti, **claims}
        return jwt.encode({"alg": _ALGORITHM, "kid": self._key.kid, "typ": kind}, all_claims, self._key)

    def _answer(self, token: str) -> dict[str, Any]:
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S}


def challenge_of(verifier: str) -> bytes:
    """Give the challenge that fits a PKCE verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")

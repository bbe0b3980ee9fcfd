"""A provider's public keys, and which of them may check a token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

_NAMES = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519"),
)
ALGORITHMS: Mapping[str, JWSAlgModel] = {
    **{name: JWSRegistry.algorithms[name] for name in _NAMES},
    # RFC 9864 renames EdDSA after its curve; providers still say EdDSA.
    "EdDSA": JWSRegistry.algorithms["Ed25519"],
}
"""Signatures that only the holder of a private key can make: nothing symmetric, and never `none`."""

_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
MOST_KEYS = 64
SMALLEST_RSA_BITS = 2_048


class Keys:
    """The keys of a JSON Web Key Set that can check signatures; others in it are passed over."""

    def __init__(self, listed: Iterable[Any]) -> None:
        self._all = [key for each in listed if (key := _imported(each)) is not None]
        self._kids = frozenset(key.kid for key in self._all)

    def __len__(self) -> int:
        return len(self._all)

    def knows(self, kid: str) -> bool:
        """Tell whether there is a key with this id, for whatever algorithm."""
        return kid in self._kids

    def fitting(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """Give the keys that may check a token: of the kind that its algorithm takes, and with its id if it has one.

        A token without one is checked only where there is no choice.
        """
        fit = [key for key in self._all if kid in {None, key.kid} and _fits(key, ALGORITHMS[algorithm])]
        return fit if kid is not None or len(fit) == 1 else []


def _fits(key: Key, algorithm: JWSAlgModel) -> bool:
    try:
        algorithm.check_key(key)
    except JoseError:
        return False
    return True


def _imported(listed: Any) -> Key | None:
    if not isinstance(listed, dict) or listed.get("use", "sig") != "sig":
        return None
    members = _PUBLIC.get(str(listed.get("kty")))
    uses = listed.get("key_ops", ["verify"])
    if members is None or not isinstance(uses, list) or "verify" not in uses:
        return None
    # Of a private key that a provider publishes by mistake only the public part is taken.
    public = {name: listed[name] for name in ("kty", "kid", "alg", *members) if name in listed}
    if public.get("alg") == "EdDSA":
        public["alg"] = "Ed25519"
    try:
        if public["kty"] == "RSA" and _bits(public["n"]) < SMALLEST_RSA_BITS:
            return None
        return JWKRegistry.import_key(public)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number.encode())).bit_length()

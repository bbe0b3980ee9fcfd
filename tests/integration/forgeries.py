"""Tokens that must not count, each wrong in one way, and how it is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import OctKey

from hub.api.tokens import Verifier
from hub.api.tokens.issuer import KEPT_S
from hub.api.tokens.signed import LEEWAY_S
from hub.api.tokens.verifier import LONGEST_TOKEN
from hub.errors import TokenInvalid
from tests.integration.tokens import EC, OTHER_RSA, RSA, STRANGER, Provider, encoded, signed


def _claims(provider: Provider) -> bytes:
    return json.dumps(provider.claims()).encode()


def _with_header(provider: Provider, changed: dict[str, Any]) -> str:
    """Sign a token rightly and put another header before it, but sign what is sent."""
    header = {"alg": "RS256", "kid": RSA.kid, "typ": "at+jwt", **changed}
    return raw(
        json.dumps({name: value for name, value in header.items() if value is not None}).encode(), _claims(provider)
    )


def raw(header: bytes, claims: bytes) -> str:
    message = f"{encoded(header)}.{encoded(claims)}"
    return f"{message}.{encoded(jws.JWSRegistry.algorithms['RS256'].sign(message.encode(), RSA))}"


def _signed_text(claims: bytes) -> str:
    return signed(RSA, {"alg": "RS256", "kid": RSA.kid, "typ": "at+jwt"}, claims)


def _unnamed(provider: Provider) -> str:
    provider.keys = [RSA, OTHER_RSA]
    provider.passes(KEPT_S + 1)
    return signed(RSA, {"alg": "RS256", "typ": "JWT"}, provider.claims())


def _pem() -> bytes:
    return RSA.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _confused(provider: Provider, secret: bytes) -> str:
    key = OctKey(secret, secret)
    return signed(key, {"alg": "HS256", "kid": RSA.kid, "typ": "at+jwt"}, provider.claims())


def _unsigned(provider: Provider, algorithm: str, signature: str) -> str:
    header = json.dumps({"alg": algorithm, "kid": RSA.kid, "typ": "at+jwt"}).encode()
    return f"{encoded(header)}.{encoded(_claims(provider))}.{signature}"


NEVER = 2**70
ATTACKS: dict[str, Callable[[Provider], str]] = {
    "expired": lambda p: p.token(exp=int(p.time.timestamp()) - LEEWAY_S),
    "expired long ago": lambda p: p.token(exp=0),
    "without an end": lambda p: p.token(exp=None),
    "an end that is no date": lambda p: p.token(exp=str(NEVER)),
    "an end that is true": lambda p: p.token(exp=True),
    "an end beyond all numbers": lambda p: _signed_text(_claims(p).replace(b'"exp": ', b'"exp": 1e999, "was": ')),
    "not yet valid": lambda p: p.token(nbf=int(p.time.timestamp()) + LEEWAY_S + 2),
    "issued in the future": lambda p: p.token(iat=int(p.time.timestamp()) + LEEWAY_S + 2),
    "for another audience": lambda p: p.token(aud="another-hub"),
    "for nobody": lambda p: p.token(aud=[]),
    "without audience": lambda p: p.token(aud=None),
    "an audience that is no list of names": lambda p: p.token(aud=[{"parcours-hub": 1}]),
    "an audience that begins alike": lambda p: p.token(aud="parcours-hub-web"),
    "by another issuer": lambda p: p.token(iss="https://elsewhere.example"),
    "by the issuer with a slash": lambda p: p.token(iss=p.url + "/"),
    "without issuer": lambda p: p.token(iss=None),
    "about nobody": lambda p: p.token(sub=None),
    "about nobody named": lambda p: p.token(sub=""),
    "about a number": lambda p: p.token(sub=7),
    "about a name that steers a screen": lambda p: p.token(sub="C-4\n2026 admin"),
    "about a name too long": lambda p: p.token(sub="a" * 256),
    "signed by a stranger under a known id": lambda p: p.token(STRANGER),
    "signed by a stranger under an unknown id": lambda p: p.token(OTHER_RSA),
    "algorithm none": lambda p: _unsigned(p, "none", ""),
    "algorithm none with a signature": lambda p: _unsigned(p, "none", "eA"),
    "algorithm None": lambda p: _with_header(p, {"alg": "None"}),
    "no algorithm": lambda p: _with_header(p, {"alg": None}),
    "an algorithm that is a list": lambda p: _with_header(p, {"alg": ["RS256"]}),
    "an algorithm the provider does not use": lambda p: p.token(alg="RS384"),
    "the public key as a shared secret": lambda p: _confused(p, _pem()),
    "the public key as a shared secret, as JSON": lambda p: _confused(p, json.dumps(RSA.as_dict()).encode()),
    "an empty secret": lambda p: _unsigned(p, "HS256", "A" * 43),
    "RSA with the id of an elliptic key": lambda p: p.token(header={"kid": EC.kid}),
    "an elliptic signature with the id of an RSA key": lambda p: p.token(EC, "ES256", {"kid": RSA.kid}),
    "ES384 by a key of another curve": lambda p: p.token(EC, "ES384"),
    "no key id, where there is a choice": _unnamed,
    "a key id that is an object": lambda p: _with_header(p, {"kid": {"a": 1}}),
    "a key id too long": lambda p: _with_header(p, {"kid": "k" * 300}),
    "a key that the token brings along": lambda p: p.token(STRANGER, header={"jwk": STRANGER.as_dict(private=False)}),
    "a key at an address that the token gives": lambda p: p.token(STRANGER, header={"jku": f"{p.url}/theirs"}),
    "a certificate at an address": lambda p: p.token(header={"x5u": f"{p.url}/theirs"}),
    "a certificate chain": lambda p: p.token(header={"x5c": ["MII"]}),
    "an extension that must be understood": lambda p: p.token(header={"crit": ["exp"], "exp": 1}),
    "an unencoded payload": lambda p: p.token(header={"crit": ["b64"], "b64": False}),
    "no type": lambda p: _with_header(p, {"typ": None}),
    "another type": lambda p: p.token(header={"typ": "logout+jwt"}),
    "an ID token of another client": lambda p: p.token(header={"typ": "JWT"}, aud="parcours-web", nonce="n"),
    "an ID token for this audience": lambda p: p.token(header={"typ": "JWT"}, nonce="n", auth_time=1),
    "an ID token with a hash of the access token": lambda p: p.token(header={"typ": "JWT"}, at_hash="x"),
    "an ID token of Keycloak": lambda p: p.token(header={"typ": "JWT"}, typ="ID"),
    "a refresh token of Keycloak": lambda p: p.token(header={"typ": "JWT"}, typ="Refresh"),
    "a logout token": lambda p: p.token(header={"typ": "JWT"}, events={"logout": {}}),
    "a token bound to a key": lambda p: p.token(cnf={"jkt": "thumb"}),
    "a JWT within a JWT": lambda p: signed(
        RSA, {"alg": "RS256", "kid": RSA.kid, "typ": "JWT", "cty": "JWT"}, p.token().encode()
    ),
    "a list of claims": lambda _: _signed_text(b"[1, 2]"),
    "claims with a name twice": lambda p: _signed_text(_claims(p)[:-1] + b', "sub": "another"}'),
    "claims with NaN": lambda p: _signed_text(_claims(p)[:-1] + b', "x": NaN}'),
    "claims nested deep": lambda _: _signed_text(b"[" * 4_000),
    "claims in another encoding": lambda p: _signed_text(json.dumps(p.claims()).encode("utf-16")),
    "a header with a name twice": lambda p: raw(b'{"alg":"none","alg":"RS256","kid":"rsa-1","typ":"JWT"}', _claims(p)),
    "cut": lambda p: p.token()[:-9],
    "cut to header and claims": lambda p: p.token().rpartition(".")[0],
    "with a part more": lambda p: p.token() + ".e30",
    "with spaces": lambda p: p.token() + " ",
    "with padding": lambda p: p.token() + "==",
    "with a signature of the other alphabet": lambda p: p.token().rpartition(".")[0] + "." + "+/" * 171,
    "encrypted": lambda _: "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",
    "nothing": lambda _: "",
    "dots": lambda _: "..",
    "not ASCII": lambda p: p.token()[:-1] + "é",
    "fullwidth digits": lambda p: p.token()[:-1] + "１",
    "a NUL": lambda p: p.token() + "\0",
    "a lone surrogate": lambda p: p.token() + "\ud800",
    "huge": lambda p: p.token(roles=["adviser"] * 3_000),
    "just too long": lambda _: "e" * (LONGEST_TOKEN + 1),
}


def refused(verifier: Verifier, token: str, error: type[Exception] = TokenInvalid) -> str:
    """Give why a token was refused, which repeats nothing of it."""
    with pytest.raises(error) as failure:
        verifier.reader(token)
    told = "".join(map(str, (failure.value, failure.value.__cause__ or "", failure.value.__context__ or "")))
    assert all(len(part) < 8 or part not in told for part in token.split("."))
    return str(failure.value)

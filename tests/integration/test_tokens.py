"""Tokens that are forged, meant for others, out of date or no tokens at all."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import Key, OctKey, RSAKey

from hub.api.tokens import NoIssuer, Verifier
from hub.api.tokens.signed import LEEWAY_S
from hub.errors import TokenInvalid, Usage
from tests.integration.forgeries import ATTACKS, raw, refused
from tests.integration.tokens import (
    EC,
    ED,
    OTHER_RSA,
    P384,
    RSA,
    STRANGER,
    SUBJECT,
    Provider,
    a_provider,
    as_json,
    signed,
)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


@pytest.fixture
def verifier(provider: Provider) -> Verifier:
    return provider.verifier()


@pytest.mark.parametrize(
    ("key", "alg"),
    [(RSA, "RS256"), (RSA, "RS512"), (RSA, "PS256"), (EC, "ES256"), (P384, "ES384"), (ED, "Ed25519"), (ED, "EdDSA")],
)
def test_a_token_signed_by_a_key_of_the_provider_names_its_reader(provider: Provider, key: Key, alg: str) -> None:
    provider.keys = [RSA, EC, P384, ED]
    reader = provider.verifier().reader(provider.token(key, alg))
    assert reader.reader_id == f"{provider.url}|{SUBJECT}"
    assert (reader.roles, reader.network, reader.adviser) == (frozenset({"adviser"}), "cap_emploi", "C-4")
    assert not reader.is_system


@pytest.mark.parametrize("kind", ["at+jwt", "application/at+jwt", "JWT", "jwt"])
def test_access_tokens_are_of_these_types(verifier: Verifier, provider: Provider, kind: str) -> None:
    verifier.reader(provider.token(header={"typ": kind}))


def test_one_of_several_audiences_is_enough(provider: Provider) -> None:
    verifier = provider.verifier(audience="their-web, our-web")
    verifier.reader(provider.token(aud=["account", "our-web"]))
    assert "aud" in refused(verifier, provider.token(aud=["account"]))


def test_clocks_may_differ_a_little(verifier: Verifier, provider: Provider) -> None:
    at = int(provider.time.timestamp())
    verifier.reader(provider.token(exp=at - LEEWAY_S + 1))
    verifier.reader(provider.token(nbf=at + LEEWAY_S, iat=at + LEEWAY_S))


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused_if_it_is(verifier: Verifier, provider: Provider, attack: str) -> None:
    verifier.reader(provider.token())
    refused(verifier, ATTACKS[attack](provider))
    assert "/theirs" not in provider.asked


def test_a_shared_secret_in_the_key_set_checks_nothing(provider: Provider) -> None:
    secret = OctKey.import_key(b"secret" * 8, {"kid": "oct-1"})
    provider.answers["/jwks"] = lambda _: as_json({"keys": [secret.as_dict(private=True), RSA.as_dict(private=False)]})
    verifier = provider.verifier()
    verifier.reader(provider.token())
    refused(verifier, signed(secret, {"alg": "HS256", "kid": "oct-1", "typ": "at+jwt"}, provider.claims()))


def test_keys_that_are_weak_or_for_other_ends_check_nothing(provider: Provider) -> None:
    with pytest.warns(match="2048"):
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    for_encryption = {**OTHER_RSA.as_dict(private=False), "use": "enc"}
    listed = [weak.as_dict(private=False), for_encryption, "no key", {"kty": 7}, {"kty": "EC"}, RSA.as_dict()]
    provider.answers["/jwks"] = lambda _: as_json({"keys": listed})
    verifier = provider.verifier()
    verifier.reader(provider.token())
    refused(verifier, provider.token(weak))
    refused(verifier, provider.token(OTHER_RSA))


def test_a_token_without_key_id_is_checked_where_there_is_no_choice(verifier: Verifier, provider: Provider) -> None:
    verifier.reader(signed(RSA, {"alg": "RS256", "typ": "JWT"}, provider.claims()))
    refused(verifier, signed(STRANGER, {"alg": "RS256", "typ": "JWT"}, provider.claims()))


def test_an_access_token_of_keycloak_with_a_nonce_is_one(verifier: Verifier, provider: Provider) -> None:
    verifier.reader(provider.token(header={"typ": "JWT"}, nonce="n", typ="Bearer"))


_CHARACTERS = string.ascii_letters + string.digits + "-_.=+/ é"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_token_changed_anywhere_is_refused(verifier: Verifier, provider: Provider, data: st.DataObject) -> None:
    token = provider.token(EC, "ES256")
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from(_CHARACTERS).filter(lambda each: each != token[place]))
    change = data.draw(st.sampled_from(("replace", "insert", "remove")))
    changed = token[:place] + ("" if change == "remove" else character) + token[place + (change != "insert") :]
    with pytest.raises(TokenInvalid):
        verifier.reader(changed)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300) | st.from_regex(r"\Aey[A-Za-z0-9_-]{0,80}(\.[A-Za-z0-9_-]{0,80}){2}\Z"))
def test_any_text_is_refused_in_one_way(verifier: Verifier, text: str) -> None:
    with pytest.raises(TokenInvalid):
        verifier.reader(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NAMES = (
    *("iss", "sub", "aud", "exp", "nbf", "iat", "typ", "azp", "client_id", "acr", "preferred_username", "nonce"),
    *("roles", "network", "adviser", "organisation", "sites", "departments", "realm_access"),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claims=st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=4),
    header=st.dictionaries(st.sampled_from(("alg", "kid", "typ", "cty", "x5t")), _JSON, max_size=2),
)
def test_whatever_a_provider_signs_is_read_or_refused_in_one_way(
    verifier: Verifier, provider: Provider, claims: dict[str, Any], header: dict[str, Any]
) -> None:
    shown = {"alg": "RS256", "kid": RSA.kid, "typ": "at+jwt", **header}
    token = raw(json.dumps(shown).encode(), json.dumps({**provider.claims(), **claims}).encode())
    try:
        reader = verifier.reader(token)
    except TokenInvalid:
        return
    assert reader.reader_id.startswith(f"{provider.url}|")


@pytest.mark.parametrize(
    "url",
    [
        *("http://issuer.example", "ftp://issuer.example", "issuer.example", "", "https://", "https://a:b@c.example"),
        *("https://issuer.example?x=1", "https://issuer.example#x", "https://[", "http://localhost.example"),
    ],
)
def test_an_issuer_is_an_encrypted_address_or_this_machine(provider: Provider, url: str) -> None:
    with pytest.raises(Usage, match="HUB_OIDC_ISSUER"):
        provider.verifier(issuer=url)


def test_settings_that_contradict_each_other_are_refused(provider: Provider) -> None:
    with pytest.raises(Usage, match="HUB_OIDC_CLIENT_SECRET"):
        provider.verifier(client_id="hub")
    with pytest.raises(Usage, match="HUB_OIDC_AUDIENCE"):
        provider.verifier(audience=" , ")
    with pytest.raises(Usage, match="HUB_OIDC_CLAIMS"):
        provider.verifier(claims={"role": "x"})


def test_without_a_provider_no_token_counts(provider: Provider) -> None:
    without = NoIssuer()
    without.ready()
    with pytest.raises(TokenInvalid, match="HUB_OIDC_ISSUER"):
        without.reader(provider.token())


def test_a_login_must_be_strong_enough_if_a_level_is_set(provider: Provider) -> None:
    verifier = provider.verifier(levels="eidas2, eidas3")
    verifier.reader(provider.token(acr="eidas2"))
    assert "second factor" in refused(verifier, provider.token(acr="eidas1"))
    refused(verifier, provider.token())
    refused(verifier, provider.token(acr=["eidas2"]))
    assert verifier.reader(provider.token(sub="sys", client_id="sys", roles=["publisher"])).is_system

"""Tokens that are forged, meant for others, out of date or no tokens at all; keys that change; providers that fail."""

from __future__ import annotations

import json
import string
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import Key, OctKey, RSAKey

from hub.api.tokens import NoIssuer, Verifier
from hub.api.tokens.http import LARGEST_REPLY_BYTES
from hub.api.tokens.issuer import AGAIN_AFTER_S, FRESH_S, KEPT_S
from hub.api.tokens.signed import LEEWAY_S
from hub.api.tokens.verifier import REMEMBERED_S
from hub.errors import IssuerUnavailable, TokenInvalid, Usage
from tests.integration.forgeries import ATTACKS, raw
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
from tests.servers.run import wait_until

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


@pytest.fixture
def verifier(provider: Provider) -> Verifier:
    return provider.verifier()


def refused(verifier: Verifier, token: str, error: type[Exception] = TokenInvalid) -> str:
    with pytest.raises(error) as failure:
        verifier.reader(token)
    told = "".join(map(str, (failure.value, failure.value.__cause__ or "", failure.value.__context__ or "")))
    assert all(len(part) < 8 or part not in told for part in token.split("."))
    return str(failure.value)


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


def test_a_rotated_key_works_at_once_and_a_withdrawn_one_soon_not(verifier: Verifier, provider: Provider) -> None:
    verifier.reader(provider.token())
    provider.keys = [OTHER_RSA]
    provider.passes(AGAIN_AFTER_S)
    verifier.reader(provider.token(OTHER_RSA))
    refused(verifier, provider.token())


def test_a_token_remembered_counts_no_more_once_its_key_is_withdrawn(verifier: Verifier, provider: Provider) -> None:
    token = provider.token()
    verifier.reader(token)
    provider.keys = [OTHER_RSA]
    provider.passes(AGAIN_AFTER_S)
    verifier.reader(provider.token(OTHER_RSA))
    refused(verifier, token)


def test_a_token_remembered_expires(verifier: Verifier, provider: Provider) -> None:
    token = provider.token(exp=int(provider.time.timestamp()) + 5)
    verifier.reader(token)
    provider.passes(5 + LEEWAY_S)
    assert 5 + LEEWAY_S < REMEMBERED_S
    assert "expired" in refused(verifier, token)


def test_keys_are_fetched_once_for_many_tokens(verifier: Verifier, provider: Provider) -> None:
    for number in range(50):
        verifier.reader(provider.token(jti=str(number)))
    assert provider.asked == [DISCOVERY, "/jwks"]


def test_a_flood_of_unknown_key_ids_hardly_reaches_the_provider(verifier: Verifier, provider: Provider) -> None:
    for number in range(200):
        refused(verifier, provider.token(STRANGER, header={"kid": f"k-{number}"}))
    assert provider.times("/jwks") == 1
    for number in range(200):
        provider.passes(AGAIN_AFTER_S / 100)
        refused(verifier, provider.token(STRANGER, header={"kid": f"k-{number}"}))
    assert provider.times("/jwks") <= 3


def test_many_threads_that_meet_a_new_key_make_one_request(verifier: Verifier, provider: Provider) -> None:
    verifier.reader(provider.token())
    provider.keys = [RSA, OTHER_RSA]
    provider.passes(AGAIN_AFTER_S)
    provider.slow_s = 0.1
    tokens = [provider.token(OTHER_RSA, jti=str(number)) for number in range(32)]
    together = threading.Barrier(32)

    def read(token: str) -> str:
        together.wait()
        return verifier.reader(token).reader_id

    with ThreadPoolExecutor(32) as pool:
        assert len(set(pool.map(read, tokens))) == 1
    assert provider.times("/jwks") == 2


def test_threads_get_their_own_readers(verifier: Verifier, provider: Provider) -> None:
    tokens = [(str(number), provider.token(EC, "ES256", sub=str(number))) for number in range(40)]

    def read(pair: tuple[str, str]) -> bool:
        return verifier.reader(pair[1]).reader_id == f"{provider.url}|{pair[0]}"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, tokens * 10))


def _down(_: object) -> tuple[int, dict[str, str], bytes]:
    return 500, {}, b""


def test_known_keys_go_on_while_the_provider_is_away_until_they_are_too_old(
    verifier: Verifier, provider: Provider
) -> None:
    verifier.reader(provider.token())
    provider.answers[DISCOVERY] = _down
    provider.passes(KEPT_S - 1)
    verifier.reader(provider.token())
    provider.passes(2)
    wait_until(lambda: "issuer_unavailable" in provider.lines.events, deadline_s=10, what="the attempt behind")
    provider.passes(AGAIN_AFTER_S)
    assert DISCOVERY in refused(verifier, provider.token(), IssuerUnavailable)
    del provider.answers[DISCOVERY]
    provider.passes(AGAIN_AFTER_S)
    verifier.reader(provider.token())


def test_keys_that_are_not_fresh_are_fetched_behind_the_request(verifier: Verifier, provider: Provider) -> None:
    verifier.reader(provider.token())
    provider.slow_s = 0.2
    provider.passes(FRESH_S + 1)
    for _ in range(20):
        verifier.reader(provider.token())
    wait_until(lambda: provider.times("/jwks") == 2, deadline_s=10, what="the keys")
    assert provider.times(DISCOVERY) == 2


def test_a_provider_that_is_away_at_first_is_not_hammered(provider: Provider) -> None:
    provider.answers[DISCOVERY] = _down
    verifier = provider.verifier()
    for _ in range(100):
        refused(verifier, provider.token(), IssuerUnavailable)
    assert provider.times(DISCOVERY) == 1
    del provider.answers[DISCOVERY]
    provider.passes(AGAIN_AFTER_S)
    verifier.reader(provider.token())
    verifier.ready()


def test_forged_tokens_do_not_wait_for_a_provider_that_hangs(provider: Provider) -> None:
    verifier = provider.verifier()
    verifier.reader(provider.token())
    provider.answers[DISCOVERY] = _down
    provider.passes(AGAIN_AFTER_S)
    refused(verifier, provider.token(STRANGER, header={"kid": "new"}), IssuerUnavailable)
    asked, go_on = threading.Event(), threading.Event()

    def hangs(_: object) -> tuple[int, dict[str, str], bytes]:
        asked.set()
        go_on.wait(4)
        return _down(_)

    provider.answers[DISCOVERY] = hangs
    provider.passes(AGAIN_AFTER_S)
    forged = provider.token(STRANGER, header={"kid": "newer"})
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(refused, verifier, forged, IssuerUnavailable)
        assert asked.wait(10)
        for _ in range(20):
            refused(verifier, forged, IssuerUnavailable)
        verifier.reader(provider.token())
        assert not first.done()
        go_on.set()
        first.result(20)


FAILURES: dict[str, Callable[[Provider], None]] = {
    "another issuer": lambda p: p.said.update(issuer="https://elsewhere.example"),
    "no issuer": lambda p: p.said.update(issuer=None),
    "keys over a network without encryption": lambda p: p.said.update(jwks_uri="http://192.0.2.1/jwks"),
    "keys in a file": lambda p: p.said.update(jwks_uri="file:///etc/passwd"),
    "keys at no address": lambda p: p.said.update(jwks_uri=["x"]),
    "no keys": lambda p: p.said.update(jwks_uri=None),
    "no key": lambda p: p.keys.clear(),
    "keys that are none": lambda p: p.answers.update({"/jwks": lambda _: as_json({"keys": {}})}),
    "too many keys": lambda p: p.keys.extend([RSA] * 100),
    "symmetric algorithms only": lambda p: p.said.update(id_token_signing_alg_values_supported=["HS256", "none", {}]),
    "a list": lambda p: p.answers.update({DISCOVERY: lambda _: as_json([])}),
    "no JSON": lambda p: p.answers.update({DISCOVERY: lambda _: (200, {}, b"<html>")}),
    "nested deep": lambda p: p.answers.update({DISCOVERY: lambda _: (200, {}, b"[" * 100_000)}),
    "a huge document": lambda p: p.said.update(policy="x" * LARGEST_REPLY_BYTES),
    "a redirect": lambda p: p.answers.update({"/jwks": lambda _: (302, {"Location": f"{p.url}/theirs"}, b"")}),
    "an error": lambda p: p.answers.update({"/jwks": _down}),
    "a refusal": lambda p: p.answers.update({"/jwks": lambda _: (403, {}, b"")}),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_token_counts_where_the_provider_gives(provider: Provider, failure: str) -> None:
    FAILURES[failure](provider)
    token = provider.token()
    refused(provider.verifier(), token, IssuerUnavailable)
    assert "/theirs" not in provider.asked
    assert all(part not in provider.lines.text for part in token.split("."))
    assert provider.lines.events == ["issuer_unavailable"]


def test_a_slow_provider_is_given_up(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.api.tokens.http.IssuerHttp.__init__.__kwdefaults__", {"timeout_s": 0.2})
    provider.slow_s = 1.0
    assert "in time" in refused(provider.verifier(), provider.token(), IssuerUnavailable)


def test_nobody_listening_is_an_absence(provider: Provider) -> None:
    with a_provider() as gone:
        token = gone.token()
    refused(provider.verifier(issuer=gone.url), token, IssuerUnavailable)


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

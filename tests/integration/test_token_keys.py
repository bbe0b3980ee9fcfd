"""The provider's keys: fetched once, rotated, kept while it is away; and providers that fail or are not one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.api.tokens import Verifier
from hub.api.tokens.http import LARGEST_REPLY_BYTES
from hub.api.tokens.issuer import AGAIN_AFTER_S, FRESH_S, KEPT_S
from hub.api.tokens.signed import LEEWAY_S
from hub.api.tokens.verifier import REMEMBERED_S
from hub.errors import IssuerUnavailable
from tests.integration.forgeries import refused
from tests.integration.tokens import (
    EC,
    OTHER_RSA,
    RSA,
    STRANGER,
    Provider,
    a_provider,
    as_json,
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

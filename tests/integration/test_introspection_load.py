"""Introspection under many tokens: asked once in a while, a flood held back, a provider that fails left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.api.tokens import Verifier
from hub.api.tokens.introspection import AT_ONCE, AWAY_FOR_S, UNKNOWN_AT_ONCE
from hub.api.tokens.verifier import INTROSPECTED_S
from hub.errors import IssuerUnavailable, TokenInvalid
from tests.integration.opaque import PERSON, TOKEN, active, verifier_of
from tests.integration.tokens import SUBJECT, Answer, Provider, a_provider, as_json, written


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


@pytest.fixture
def verifier(provider: Provider, tmp_path: Path) -> Verifier:
    return verifier_of(provider, written(tmp_path, [{"sub": SUBJECT, "roles": ["adviser"], "network": "cap_emploi"}]))


def test_an_active_token_is_asked_about_once_in_a_while(verifier: Verifier, provider: Provider) -> None:
    provider.active[TOKEN] = active(provider, exp=None)
    for _ in range(20):
        verifier.reader(TOKEN)
    assert provider.times("/introspect") == 1
    provider.active.clear()
    provider.passes(INTROSPECTED_S)
    with pytest.raises(TokenInvalid):
        verifier.reader(TOKEN)


def test_one_unknown_token_is_asked_about_once(verifier: Verifier, provider: Provider) -> None:
    for _ in range(20):
        with pytest.raises(TokenInvalid):
            verifier.reader(TOKEN)
    assert provider.times("/introspect") == 1


def test_a_flood_of_unknown_tokens_is_held_back_and_known_ones_go_on(verifier: Verifier, provider: Provider) -> None:
    provider.active[TOKEN] = active(provider)
    verifier.reader(TOKEN)
    held_back = 0
    for number in range(3 * UNKNOWN_AT_ONCE):
        try:
            verifier.reader(f"unknown-token-{number:06}")
        except TokenInvalid:
            continue
        except IssuerUnavailable:
            held_back += 1
    assert held_back == 2 * UNKNOWN_AT_ONCE
    assert provider.times("/introspect") <= UNKNOWN_AT_ONCE + 1
    verifier.reader(TOKEN)


def test_many_users_at_once_are_not_held_back(verifier: Verifier, provider: Provider) -> None:
    for number in range(3 * UNKNOWN_AT_ONCE):
        token = f"known-token-of-{number:06}"
        provider.active[token] = active(provider)
        verifier.reader(token)


def test_only_some_tokens_are_asked_about_at_the_same_time(verifier: Verifier, provider: Provider) -> None:
    tokens = [f"known-token-of-{number:06}" for number in range(3 * AT_ONCE)]
    asking = most = 0
    counting = threading.Lock()

    def slowly(_: object) -> Answer:
        nonlocal asking, most
        with counting:
            asking += 1
            most = max(most, asking)
        time.sleep(0.05)
        with counting:
            asking -= 1
        return as_json({"active": False})

    verifier.ready()
    provider.answers["/introspect"] = slowly

    def read(token: str) -> bool:
        try:
            verifier.reader(token)
        except TokenInvalid:
            return True
        return False

    with ThreadPoolExecutor(len(tokens)) as pool:
        assert all(pool.map(read, tokens))
    assert 1 < most <= AT_ONCE


def test_a_provider_that_fails_is_left_alone_for_a_while(verifier: Verifier, provider: Provider) -> None:
    provider.answers["/introspect"] = lambda _: (500, {}, b"")
    for number in range(20):
        with pytest.raises(IssuerUnavailable) as failure:
            verifier.reader(f"{TOKEN}{number}")
        assert TOKEN not in str(failure.value)
    assert provider.times("/introspect") == 1
    del provider.answers["/introspect"]
    provider.active[TOKEN] = active(provider)
    provider.passes(AWAY_FOR_S)
    verifier.reader(TOKEN)


def test_wrong_credentials_are_told_without_them(verifier: Verifier, provider: Provider) -> None:
    provider.answers["/introspect"] = lambda _: (401, {}, b"s+cret%")
    with pytest.raises(IssuerUnavailable, match="HUB_OIDC_CLIENT_SECRET") as failure:
        verifier.reader(TOKEN)
    assert "cret%" not in str(failure.value)


@pytest.mark.parametrize(("path", "error"), [("/userinfo", TokenInvalid), ("/introspect", IssuerUnavailable)])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_token_that_the_provider_refuses_to_answer_for_hinders_no_other(
    provider: Provider, tmp_path: Path, path: str, error: type[Exception], status: int
) -> None:
    verifier = verifier_of(provider, written(tmp_path, [{"email": "zoe@example.fr", "roles": ["adviser"]}]))
    provider.active = {TOKEN: active(provider), TOKEN + "2": active(provider)}
    provider.people[TOKEN + "2"] = PERSON
    provider.answers[path] = lambda _: (status, {}, b"")
    with pytest.raises(error):
        verifier.reader(TOKEN)
    del provider.answers[path]
    assert verifier.reader(TOKEN + "2").roles == {"adviser"}

"""Opaque tokens, as ProConnect gives them: introspection, signed replies, userinfo, and what a stranger may cause."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey

from hub.api.tokens import Verifier
from hub.api.tokens.introspection import AT_ONCE, AWAY_FOR_S, SIGNED_REPLY, UNKNOWN_AT_ONCE
from hub.api.tokens.verifier import INTROSPECTED_S
from hub.errors import IssuerUnavailable, TokenInvalid
from tests.integration.tokens import (
    EC,
    RSA,
    STRANGER,
    SUBJECT,
    Answer,
    Provider,
    a_provider,
    as_json,
    encoded,
    signed,
    written,
)

WEB = "their-web"
TOKEN = "0pAque-token_of.ProConnect~4"
PERSON = {"sub": SUBJECT, "email": "zoe@example.fr", "siret": "73282932000074", "uid": "u-4"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


@pytest.fixture
def verifier(provider: Provider, tmp_path: Path) -> Verifier:
    return verifier_of(provider, written(tmp_path, [{"sub": SUBJECT, "roles": ["adviser"], "network": "cap_emploi"}]))


def verifier_of(provider: Provider, directory: Path | None = None, **changed: Any) -> Verifier:
    given = {"audience": WEB, "client_id": "hub: it", "client_secret": "s+cret%", "directory": directory, **changed}
    return provider.verifier(**given)


def active(provider: Provider, **changed: Any) -> dict[str, Any]:
    """Give what ProConnect's introspection says of a token."""
    at = int(provider.time.timestamp())
    said = {"active": True, "sub": SUBJECT, "client_id": WEB, "aud": WEB, "acr": "eidas2", "scope": "openid"}
    both = {**said, "iss": provider.url, "iat": at, "exp": at + 60, "token_type": "Bearer", **changed}
    return {name: value for name, value in both.items() if value is not None}


def test_an_active_token_names_its_reader(verifier: Verifier, provider: Provider) -> None:
    provider.active[TOKEN] = active(provider)
    found = verifier.reader(TOKEN)
    assert (found.reader_id, found.roles) == (f"{provider.url}|{SUBJECT}", frozenset({"adviser"}))


@pytest.mark.parametrize("methods", [None, ["client_secret_basic"], ["client_secret_post"]])
def test_the_hub_says_who_it_is_as_the_provider_wants(provider: Provider, methods: list[str] | None) -> None:
    if methods is not None:
        provider.said["token_endpoint_auth_methods_supported"] = methods
    heard: dict[str, Any] = {}

    def answer(path: str, headers: Any, form: dict[str, list[str]]) -> Answer:
        if path == "/introspect":
            heard.update(headers=headers, form=form)
        return Provider.answer(provider, path, headers, form)

    provider.answer = answer  # type: ignore[method-assign]
    provider.active[TOKEN] = active(provider)
    verifier_of(provider).reader(TOKEN)
    assert heard["form"]["token"] == [TOKEN]
    if methods == ["client_secret_post"]:
        assert (heard["form"]["client_id"], heard["form"]["client_secret"]) == (["hub: it"], ["s+cret%"])
        assert "Authorization" not in heard["headers"]
    else:
        basic = base64.b64encode(b"hub%3A+it:s%2Bcret%25").decode()
        assert heard["headers"]["Authorization"] == f"Basic {basic}"
        assert "client_secret" not in heard["form"]


REFUSED: dict[str, dict[str, Any]] = {
    "inactive": {"active": False},
    "active in words": {"active": "true"},
    "another client's": {"client_id": "other-web", "aud": "other-web"},
    "another client's without audience": {"client_id": "other-web", "aud": None},
    "for another audience by our client": {"aud": ["other-api"]},
    "nobody's": {"client_id": None, "aud": None},
    "expired": {"exp": 1},
    "an end that is no date": {"exp": "never"},
    "not yet valid": {"nbf": 2**40},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "about nobody": {"sub": None},
    "about a list": {"sub": [SUBJECT]},
}


@pytest.mark.parametrize("changed", REFUSED)
def test_it_is_refused_if_it_is(verifier: Verifier, provider: Provider, changed: str) -> None:
    provider.active[TOKEN] = active(provider, **REFUSED[changed])
    with pytest.raises(TokenInvalid) as failure:
        verifier.reader(TOKEN)
    assert TOKEN not in str(failure.value)


def test_a_token_without_audience_counts_for_a_client_of_the_hubs(verifier: Verifier, provider: Provider) -> None:
    provider.active[TOKEN] = active(provider, aud=None, iss=None, exp=None)
    assert verifier.reader(TOKEN).roles == {"adviser"}


def test_the_level_of_login_is_asked_of_opaque_tokens_too(provider: Provider) -> None:
    verifier = verifier_of(provider, levels="eidas2,eidas3")
    provider.active[TOKEN] = active(provider, acr="eidas1")
    with pytest.raises(TokenInvalid, match="acr"):
        verifier.reader(TOKEN)
    provider.active[TOKEN + "2"] = active(provider)
    verifier.reader(TOKEN + "2")


@pytest.mark.parametrize(
    "text", ["short", "x" * 1_025, "with space in the middle", "x" * 20 + "\n", "=" * 20, "é" * 20, "{}" * 10]
)
def test_what_is_no_token_is_not_asked_about(verifier: Verifier, provider: Provider, text: str) -> None:
    with pytest.raises(TokenInvalid):
        verifier.reader(text)
    assert provider.times("/introspect") == 0


def test_a_jwt_is_never_asked_about(verifier: Verifier, provider: Provider) -> None:
    with pytest.raises(TokenInvalid):
        verifier.reader(provider.token(STRANGER))
    assert provider.times("/introspect") == 0


def test_where_tokens_are_opaque_a_jwt_must_say_that_it_is_an_access_token(
    verifier: Verifier, provider: Provider
) -> None:
    assert verifier.reader(provider.token(aud=WEB)).roles == {"adviser"}
    with pytest.raises(TokenInvalid, match="another type"):
        verifier.reader(provider.token(aud=WEB, header={"typ": "JWT"}))


def test_without_credentials_or_endpoint_opaque_tokens_are_refused(provider: Provider) -> None:
    with pytest.raises(TokenInvalid):
        provider.verifier().reader(TOKEN)
    provider.said["introspection_endpoint"] = None
    with pytest.raises(TokenInvalid):
        verifier_of(provider).reader(TOKEN)
    assert provider.times("/introspect") == 0


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


def reply(provider: Provider, key: Any = RSA, header: dict[str, Any] | None = None, **changed: Any) -> Answer:
    """Give a signed reply as RFC 9701 has it."""
    at = int(provider.time.timestamp())
    claims = {
        "iss": provider.url,
        "aud": "hub: it",
        "iat": at,
        "token_introspection": active(provider, iss=None),
        **changed,
    }
    shown = {"alg": "RS256", "kid": key.kid, "typ": "token-introspection+jwt", **(header or {})}
    return 200, {"Content-Type": f"{SIGNED_REPLY}; charset=utf-8"}, signed(key, shown, claims).encode()


def test_a_signed_reply_counts(verifier: Verifier, provider: Provider) -> None:
    provider.answers["/introspect"] = lambda _: reply(provider)
    assert verifier.reader(TOKEN).roles == {"adviser"}


def test_a_reply_signed_by_a_rotated_key_counts(verifier: Verifier, provider: Provider) -> None:
    provider.keys = [RSA]
    verifier.ready()
    provider.keys = [RSA, EC]
    provider.passes(60)
    provider.answers["/introspect"] = lambda _: reply(provider, EC, {"alg": "ES256"})
    verifier.reader(TOKEN)


BAD_REPLIES: dict[str, Callable[[Provider], Answer]] = {
    "by a stranger": lambda p: reply(p, STRANGER),
    "with the client's secret": lambda p: reply(p, OctKey(b"s+cret%", b"s+cret%", {"kid": "s"}), {"alg": "HS256"}),
    "as another type": lambda p: reply(p, header={"typ": "at+jwt"}),
    "by no algorithm": lambda _: (
        200,
        {"Content-Type": SIGNED_REPLY},
        f"{encoded(b'{}')}.{encoded(b'{}')}.{encoded(b'{}')}".encode(),
    ),
    "encrypted": lambda _: (200, {"Content-Type": SIGNED_REPLY}, b"eyJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA"),
    "as no text": lambda _: (200, {"Content-Type": SIGNED_REPLY}, b"\xff\xfe"),
    "as a page": lambda _: (200, {"Content-Type": "text/html"}, b"<html>"),
    "as a list": lambda _: (200, {}, b"[]"),
    "by a redirect": lambda p: (307, {"Location": f"{p.url}/theirs"}, b""),
}


@pytest.mark.parametrize("bad", BAD_REPLIES)
def test_a_reply_does_not_count_if_given(verifier: Verifier, provider: Provider, bad: str) -> None:
    provider.answers["/introspect"] = lambda _: BAD_REPLIES[bad](provider)
    with pytest.raises(IssuerUnavailable):
        verifier.reader(TOKEN)
    assert "/theirs" not in provider.asked


@pytest.mark.parametrize(
    "changed",
    [{"aud": WEB}, {"aud": None}, {"iss": "https://elsewhere.example"}, {"token_introspection": True}],
)
def test_a_signed_reply_to_another_or_about_nothing_is_refused(
    verifier: Verifier, provider: Provider, changed: dict[str, Any]
) -> None:
    provider.answers["/introspect"] = lambda _: reply(provider, **changed)
    with pytest.raises(TokenInvalid):
        verifier.reader(TOKEN)


def test_userinfo_is_asked_where_the_directory_finds_people_by_more_than_sub(
    provider: Provider, tmp_path: Path
) -> None:
    path = written(tmp_path, [{"email": "zoe@example.fr", "roles": ["adviser"]}])
    verifier = verifier_of(provider, path)
    provider.active[TOKEN] = active(provider)
    provider.people[TOKEN] = PERSON
    assert verifier.reader(TOKEN).roles == {"adviser"}
    verifier.reader(TOKEN)
    assert provider.times("/userinfo") == 1


def test_userinfo_is_not_asked_where_sub_is_enough(verifier: Verifier, provider: Provider) -> None:
    provider.active[TOKEN] = active(provider)
    verifier.reader(TOKEN)
    assert provider.times("/userinfo") == 0


def test_a_signed_userinfo_counts(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"siret": PERSON["siret"], "uid": "u-4", "roles": ["manager"]}])
    provider.active[TOKEN] = active(provider)
    person = signed(EC, {"alg": "ES256", "kid": EC.kid, "typ": "JWT"}, {**PERSON, "aud": WEB})
    provider.answers["/userinfo"] = lambda _: (200, {"Content-Type": "application/jwt"}, person.encode())
    assert verifier_of(provider, path).reader(TOKEN).roles == {"manager"}


def test_a_userinfo_says_nothing_of_the_login(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"email": "zoe@example.fr", "roles": ["adviser"]}])
    provider.active[TOKEN] = active(provider, acr=None)
    provider.people[TOKEN] = {**PERSON, "acr": "eidas3", "idtyp": "app"}
    assert not verifier_of(provider, path).reader(TOKEN).is_system
    with pytest.raises(TokenInvalid, match="acr"):
        verifier_of(provider, path, levels="eidas3").reader(TOKEN)


def test_a_userinfo_about_someone_else_is_refused(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"email": "zoe@example.fr", "roles": ["adviser"]}])
    provider.active[TOKEN] = active(provider)
    provider.people[TOKEN] = {**PERSON, "sub": "another"}
    with pytest.raises(TokenInvalid, match="someone else"):
        verifier_of(provider, path).reader(TOKEN)


def test_a_userinfo_signed_by_a_stranger_is_refused(provider: Provider, tmp_path: Path) -> None:
    path = written(tmp_path, [{"email": "zoe@example.fr", "roles": ["adviser"]}])
    provider.active[TOKEN] = active(provider)
    person = signed(STRANGER, {"alg": "RS256", "kid": RSA.kid, "typ": "JWT"}, PERSON).encode()
    provider.answers["/userinfo"] = lambda _: (200, {"Content-Type": "application/jwt"}, person)
    with pytest.raises(IssuerUnavailable):
        verifier_of(provider, path).reader(TOKEN)


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

"""Opaque tokens, as ProConnect gives them: what introspection says, signed or not, and which tokens count."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey

from hub.api.tokens import Verifier
from hub.api.tokens.introspection import SIGNED_REPLY
from hub.errors import IssuerUnavailable, TokenInvalid
from tests.integration.opaque import TOKEN, WEB, active, verifier_of
from tests.integration.tokens import EC, RSA, STRANGER, SUBJECT, Answer, Provider, a_provider, encoded, signed, written


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


@pytest.fixture
def verifier(provider: Provider, tmp_path: Path) -> Verifier:
    return verifier_of(provider, written(tmp_path, [{"sub": SUBJECT, "roles": ["adviser"], "network": "cap_emploi"}]))


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

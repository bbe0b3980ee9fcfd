"""Userinfo of opaque tokens: asked where it is needed, signed by the provider, about the same person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.api.tokens import Verifier
from hub.errors import IssuerUnavailable, TokenInvalid
from tests.integration.opaque import PERSON, TOKEN, WEB, active, verifier_of
from tests.integration.tokens import EC, RSA, STRANGER, SUBJECT, Provider, a_provider, signed, written


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as found:
        yield found


@pytest.fixture
def verifier(provider: Provider, tmp_path: Path) -> Verifier:
    return verifier_of(provider, written(tmp_path, [{"sub": SUBJECT, "roles": ["adviser"], "network": "cap_emploi"}]))


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

"""A provider, or someone in its place, that sends what it should not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey

from tests.integration.tokens import EC, RSA, STRANGER, SUBJECT, encoded, signed
from tests.web.logins import CLIENT, OPAQUE, Browser, Scene, a_scene, led_to
from tests.web.refusals import refused

HEADER = {"alg": "RS256", "kid": "rsa-1", "typ": "JWT"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with a_scene(tmp_path_factory.mktemp("scene")) as found:
        yield found


@pytest.fixture
def scene(running: Scene) -> Scene:
    running.provider.answers.clear()
    return running


@pytest.fixture
def browser(scene: Scene) -> Iterator[Browser]:
    with scene.browser() as opened:
        yield opened


def test_a_good_login_is_let_in(scene: Scene, browser: Browser) -> None:
    assert led_to(scene.log_in(browser)) == f"{scene.url}/"
    assert browser.is_logged_in()


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "parcours-hub"},
        {"aud": ["someone", "else"]},
        {"aud": None},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": "yesterday"},
        {"iat": 2**33},
        {"nbf": 2**33},
        {"nonce": None},
        {"nonce": "another"},
        {"nonce": ["a"]},
        {"nonce": "é"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a b"},
    ],
)
def test_an_id_token_with_a_wrong_claim_opens_nothing(scene: Scene, browser: Browser, changed: dict[str, Any]) -> None:
    refused(scene.log_in(browser, **changed), browser)
    assert "login_refused" in scene.events


def forged(claims: dict[str, Any]) -> dict[str, str]:
    body = encoded(json.dumps(claims).encode())
    none = encoded(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    good = signed(RSA, HEADER, claims)
    head, _, tail = good.split(".")
    pem = RSA.as_pem(private=False)
    public = OctKey(pem, pem, {"kid": "rsa-1"})
    return {
        "none": f"{none}.{body}.",
        "none with a signature": f"{none}.{body}.{tail}",
        "the public key as a secret": signed(public, {**HEADER, "alg": "HS256"}, claims),
        "a stranger's key": signed(STRANGER, HEADER, claims),
        "another algorithm's key": signed(EC, {**HEADER, "alg": "ES256"}, claims),
        "a key of its own": signed(STRANGER, {**HEADER, "jwk": STRANGER.as_dict(private=False)}, claims),
        "changed content": f"{head}.{encoded(json.dumps({**claims, 'sub': 'other'}).encode())}.{tail}",
        "cut": good[:-8],
        "no token": "x",
        "an access token": signed(RSA, {**HEADER, "typ": "at+jwt"}, claims),
        "a logout token": signed(RSA, {**HEADER, "typ": "logout+jwt"}, claims),
    }


@pytest.mark.parametrize("kind", forged({}))
def test_a_forged_id_token_opens_nothing(scene: Scene, browser: Browser, kind: str) -> None:
    asked = browser.asked()
    scene.says(forged(scene.id_claims(asked["nonce"]))[kind])
    refused(scene.returns(browser, asked), browser)


@pytest.mark.parametrize("header", [{}, {"typ": "jwt"}, {"typ": "JWT"}])
def test_an_id_token_need_not_say_that_it_is_a_jwt(scene: Scene, browser: Browser, header: dict[str, str]) -> None:
    asked = browser.asked()
    scene.says(signed(RSA, {"alg": "RS256", "kid": RSA.kid, **header}, scene.id_claims(asked["nonce"])))
    assert led_to(scene.returns(browser, asked)) == f"{scene.url}/"


def test_an_id_token_of_another_login_opens_nothing(scene: Scene, browser: Browser) -> None:
    first, second = browser.asked(), browser.asked()
    scene.says(scene.id_token(first["nonce"]))
    refused(scene.returns(browser, second), browser)


@pytest.mark.parametrize("iss", ["https://attacker.example", "", None])
def test_another_providers_code_is_not_asked_about(scene: Scene, browser: Browser, iss: str | None) -> None:
    asked, before = browser.asked(), scene.provider.times("/token")
    scene.says(scene.id_token(asked["nonce"]))
    refused(scene.returns(browser, asked, iss=iss), browser)
    assert scene.provider.times("/token") == before


@pytest.mark.parametrize("sent", [{"code": None}, {"code": ""}, {"code": "é"}, {"code": "x" * 3_000}])
def test_without_a_code_the_provider_is_not_asked(scene: Scene, browser: Browser, sent: dict[str, str | None]) -> None:
    asked, before = browser.asked(), scene.provider.times("/token")
    refused(scene.returns(browser, asked, **sent), browser)
    assert scene.provider.times("/token") == before


def test_a_parameter_that_stands_twice_is_refused(scene: Scene, browser: Browser) -> None:
    asked = browser.asked()
    refused(browser.get(f"/connexion/retour?state={asked['state']}&code=a&code=b&iss={scene.provider.url}"), browser)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        ("access_denied", 403, "Connexion abandonnée"),
        ("login_required", 403, "La connexion n’a pas abouti"),
        ("server_error", 503, "Service de connexion indisponible"),
        ("temporarily_unavailable", 503, "Service de connexion indisponible"),
        ("invalid_scope", 403, "Connexion refusée"),
        ("<script>alert(1)</script>", 403, "Connexion refusée"),
    ],
)
def test_the_providers_errors_are_told_in_french(
    scene: Scene, browser: Browser, error: str, status: int, title: str
) -> None:
    asked = browser.asked()
    sent = scene.returns(browser, asked, code=None, error=error, error_description="<script>alert(2)</script>")
    refused(sent, browser, title, status)
    assert "alert" not in sent.text
    assert 'href="/connexion' in sent.text


def test_a_code_that_the_provider_does_not_know_begins_again(scene: Scene, browser: Browser) -> None:
    asked = browser.asked()
    scene.provider.answers["/token"] = lambda _form: (400, {}, b'{"error":"invalid_grant"}')
    refused(scene.returns(browser, asked), browser, "La connexion n’a pas abouti")


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b""),
        (302, {"Location": "https://evil.example/"}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b"{}"),
        (200, {}, b'{"access_token": "a", "id_token": 7}'),
        (200, {}, b"x" * 300_000),
    ],
)
def test_a_provider_that_answers_nonsense_is_away(scene: Scene, browser: Browser, answer: Any) -> None:
    asked = browser.asked()
    scene.provider.answers["/token"] = lambda _form: answer
    sent = scene.returns(browser, asked)
    refused(sent, browser, "Service de connexion indisponible", 503)
    assert sent.headers["Retry-After"]


def test_the_code_goes_to_the_provider_with_its_proof(scene: Scene, browser: Browser) -> None:
    asked = browser.asked()
    scene.says(scene.id_token(asked["nonce"]))
    scene.returns(browser, asked)
    form = scene.provider.forms[-1]
    assert len(form.pop("code_verifier")[0]) == 43
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["a-code"],
        "redirect_uri": [f"{scene.url}/connexion/retour"],
        "client_id": [CLIENT],
    }


def test_no_token_is_logged(scene: Scene, browser: Browser) -> None:
    asked = browser.asked()
    token = scene.id_token(asked["nonce"], aud="someone")
    scene.says(token)
    scene.returns(browser, asked)
    text = scene.api._lines.getvalue()
    for secret in (token, token.split(".")[1], OPAQUE, asked["nonce"], asked["state"], "a-code", SUBJECT):
        assert secret not in text


def test_a_provider_without_login_lets_nobody_in(tmp_path: Path) -> None:
    with a_scene(tmp_path, {"authorization_endpoint": "http://other.example/a"}) as scene, scene.browser() as browser:
        sent = browser.get("/connexion/aller")
        assert (sent.status_code, "Service de connexion indisponible" in sent.text) == (503, True)
        assert browser.get("/connexion").status_code == 200


def test_a_provider_that_is_away_is_told_and_who_is_in_stays_in(tmp_path: Path) -> None:
    with a_scene(tmp_path) as scene, scene.browser() as browser, scene.browser() as other:
        scene.log_in(browser)
        asked = other.asked()
        scene.provider.answers["/token"] = lambda _form: (503, {}, b"")
        sent = scene.returns(other, asked)
        assert (sent.status_code, sent.headers["Retry-After"]) == (503, "5")
        assert browser.is_logged_in()


def test_codes_that_are_none_are_not_asked_about_without_end(tmp_path: Path) -> None:
    with a_scene(tmp_path) as scene, scene.browser() as browser:
        scene.provider.answers["/token"] = lambda _form: (400, {}, b"{}")
        statuses = [scene.returns(browser, browser.asked()).status_code for _ in range(80)]
        assert statuses[:50] == [403] * 50
        assert 503 in statuses  # now and then one is asked about again
        assert scene.provider.times("/token") < 80

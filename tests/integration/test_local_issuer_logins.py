"""Logging in at the local issuer: the page, the code and its proof, and what gets none."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount

from hub.api.issuer import create_local_issuer
from hub.api.issuer.minting import CODE_LIFETIME_S, LIFETIME_S, WEB_CLIENT
from hub.errors import TokenInvalid
from tests.integration.apis import NO_TLS
from tests.integration.local_issuers import CALLBACK, LEFT, Running, Time, made, request, served


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        clock = Time()
        issuer = made(f"http://127.0.0.1:{listening.getsockname()[1]}/issuer", clock)
        app = Starlette(routes=[Mount("/issuer", create_local_issuer(issuer))])
        with served(app, listening), httpx2.Client(base_url=issuer.url + "/", trust_env=False, verify=NO_TLS) as client:
            yield Running(issuer, clock, client)


def test_the_page_lets_one_choose_in_french(running: Running) -> None:
    page = running.client.get("authorize", params=request())
    assert page.status_code == 200
    assert '<html lang="fr">' in page.text
    assert "Qui êtes-vous" in page.text
    assert "Camille &lt;Durand&gt;" in page.text
    assert re.findall(r'name="login" value="(\w+)"', page.text) == ["camille", "sacha"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_whom_the_application_names_stands_first_and_is_still_a_choice(running: Running) -> None:
    page = running.client.get("authorize", params=request(login_hint="sacha"))
    assert re.findall(r'name="login" value="(\w+)"', page.text) == ["sacha", "camille"]
    page = running.client.get("authorize", params=request(login_hint="<script>"))
    assert re.findall(r'name="login" value="(\w+)"', page.text) == ["camille", "sacha"]
    assert "<script>" not in page.text


def test_a_logout_leads_back_to_the_application(running: Running) -> None:
    back = running.client.get("logout", params={"post_logout_redirect_uri": LEFT, "state": "s 1"})
    assert (back.status_code, back.headers["Location"]) == (303, f"{LEFT}?state=s+1")
    assert running.client.get("logout", params={"post_logout_redirect_uri": LEFT}).headers["Location"] == LEFT


@pytest.mark.parametrize("uri", [CALLBACK, "https://attacker.example/", LEFT + "/", ""])
def test_a_logout_leads_nowhere_else(running: Running, uri: str) -> None:
    answer = running.client.get("logout", params={"post_logout_redirect_uri": uri})
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_login_gives_an_id_token_and_an_access_token(running: Running) -> None:
    back = running.login()
    assert (back["state"], back["iss"]) == (["s-1"], [running.issuer.url])
    tokens = running.redeem(back["code"][0]).raise_for_status().json()
    assert running.verifier().reader(tokens["access_token"]).adviser == "ft-69123-04"
    keys = KeySet.import_key_set(running.client.get("jwks").json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["aud"], claims["nonce"], claims["sub"], claims["iss"]) == (
        WEB_CLIENT,
        "n-1",
        "camille",
        running.issuer.url,
    )
    with pytest.raises(TokenInvalid):
        running.verifier().reader(tokens["id_token"])


def test_a_code_is_used_once(running: Running) -> None:
    code = running.login()["code"][0]
    assert running.redeem(code).status_code == 200
    again = running.redeem(code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": CALLBACK + "/"},
        {"code": "x" * 32},
        {"code": ""},
    ],
)
def test_a_code_alone_is_not_enough_and_is_gone_after_a_wrong_try(running: Running, changed: dict[str, str]) -> None:
    code = running.login()["code"][0]
    assert running.redeem(**{"code": code, **changed}).json() == {"error": "invalid_grant"}
    assert running.redeem(code).status_code == (200 if "code" in changed else 400)


def test_a_code_is_for_its_client(running: Running) -> None:
    code = running.login()["code"][0]
    assert running.redeem(code, client_id="camille").json() == {"error": "invalid_client"}


def test_a_code_expires(running: Running) -> None:
    code = running.login()["code"][0]
    running.time.now += timedelta(seconds=CODE_LIFETIME_S + 1)
    assert running.redeem(code).json() == {"error": "invalid_grant"}


def test_a_token_expires(running: Running) -> None:
    token = running.token("camille").json()["access_token"]
    running.time.now += timedelta(seconds=LIFETIME_S + 60)
    with pytest.raises(TokenInvalid, match="expired"):
        running.verifier().reader(token)
    assert running.client.get("userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": "https://attacker.example/"},
        {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": None},
        {"client_id": "another"},
        {"client_id": None},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_application_is_sent_nowhere(running: Running, method: str, changed: dict[str, str | None]) -> None:
    answer = running.client.request(method, "authorize", params=request(**changed), content=b"login=camille")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_parameter_that_stands_twice_does_not_count(running: Running) -> None:
    twice = urlencode([*request().items(), ("redirect_uri", "https://attacker.example/")])
    assert running.client.get(f"authorize?{twice}").status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_a_request_without_proof_gets_no_code(running: Running, changed: dict[str, str | None], error: str) -> None:
    back = running.login("camille", **changed)
    assert (back["error"], back["state"]) == ([error], ["s-1"])
    assert "code" not in back


def test_nobody_is_not_a_choice(running: Running) -> None:
    assert running.login("nobody")["error"] == ["access_denied"]

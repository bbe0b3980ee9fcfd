"""The local issuer: its tokens count for the hub, its login is right, and nobody elsewhere reaches it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.routing import Mount

from hub.api.issuer import LocalIssuer, LocalSystem, LocalUser, create_local_issuer
from hub.api.issuer.app import LARGEST_FORM_BYTES
from hub.api.issuer.minting import CODE_LIFETIME_S, LIFETIME_S, MOST_CODES, WEB_CLIENT, challenge_of
from hub.api.tokens import Verifier, verifier_of
from hub.domain.access import Reader
from hub.errors import TokenInvalid, Usage
from tests.servers.run import wait_until
from tests.unit.telemetry import Lines

AUDIENCE = "parcours-hub"
CALLBACK = "http://127.0.0.1:8000/retour"
LEFT = "http://127.0.0.1:8000/parti"
VERIFIER = "v" * 64
CAMILLE = LocalUser("camille", "Camille <Durand>", frozenset({"adviser"}), "france_travail", "ft-69123-04")
SACHA = LocalUser("sacha", "Sacha Petit", frozenset({"site_lead", "manager"}), "cap_emploi", sites=frozenset({"69123"}))
FEED = LocalSystem("cap-emploi-feed", "cap_emploi")


class Time:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Running:
    """The issuer behind a server, and a client for it."""

    def __init__(self, issuer: LocalIssuer, time_: Time, client: httpx2.Client) -> None:
        self.issuer = issuer
        self.time = time_
        self.client = client

    def verifier(self) -> Verifier:
        """Make the hub's verifier for it."""
        return verifier_of(
            self.issuer.url,
            audience=AUDIENCE,
            claims={},
            directory=None,
            client_id=None,
            client_secret=None,
            levels="eidas2",
            ca_file=None,
            now=self.time,
            clock=time.monotonic,
            log=Lines().log,
        )

    def token(self, name: str, secret: str | None = None) -> httpx2.Response:
        """Ask for a token by client credentials."""
        form = {"grant_type": "client_credentials"}
        return self.client.post(
            "token", data=form, auth=(name, self.issuer.secret_of(name) if secret is None else secret)
        )

    def login(self, user: str = "camille", /, **changed: str | None) -> dict[str, list[str]]:
        """Choose a user, and give what comes back to the application."""
        back = self.client.post("authorize", params=request(**changed), data={"login": user})
        assert back.status_code == 303
        assert back.headers["Location"].startswith(CALLBACK + "?")
        return parse_qs(urlsplit(back.headers["Location"]).query)

    def redeem(self, code: str, **changed: str) -> httpx2.Response:
        """Turn a code into tokens."""
        form = {
            "grant_type": "authorization_code",
            "client_id": WEB_CLIENT,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changed,
        }
        return self.client.post("token", data=form)


def request(**changed: str | None) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": WEB_CLIENT,
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": challenge_of(VERIFIER).decode(),
        "code_challenge_method": "S256",
        **changed,
    }
    return {name: value for name, value in asked.items() if value is not None}


@contextmanager
def served(app: Any, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, deadline_s=20, what="the issuer's start")
        yield
    finally:
        server.should_exit = True
        thread.join(20)


def made(url: str, clock: Time, seed: bytes = b"s" * 32) -> LocalIssuer:
    return LocalIssuer(
        url,
        audience=AUDIENCE,
        users=[CAMILLE, SACHA],
        systems=[FEED],
        redirect_uris=[CALLBACK],
        logout_uris=[LEFT],
        seed=seed,
        random_bytes=lambda length: next(_RANDOM).to_bytes(length),
        now=clock,
    )


_RANDOM = iter(range(1, 10_000_000))


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        clock = Time()
        issuer = made(f"http://127.0.0.1:{listening.getsockname()[1]}/issuer", clock)
        app = Starlette(routes=[Mount("/issuer", create_local_issuer(issuer))])
        with served(app, listening), httpx2.Client(base_url=issuer.url + "/", trust_env=False) as client:
            yield Running(issuer, clock, client)


def test_a_users_token_counts_for_the_hub(running: Running) -> None:
    answer = running.token("camille").raise_for_status()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["expires_in"] == LIFETIME_S
    assert running.verifier().reader(answer.json()["access_token"]) == Reader(
        f"{running.issuer.url}|camille", frozenset({"adviser"}), "france_travail", "ft-69123-04"
    )


def test_a_systems_token_is_a_systems(running: Running) -> None:
    found = running.verifier().reader(running.token("cap-emploi-feed").json()["access_token"])
    assert found.is_system
    assert (found.roles, found.network) == (frozenset({"publisher"}), "cap_emploi")


def test_credentials_may_stand_in_the_form(running: Running) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "sacha",
        "client_secret": running.issuer.secret_of("sacha"),
    }
    token = running.client.post("token", data=form).raise_for_status().json()["access_token"]
    found = running.verifier().reader(token)
    assert (found.roles, found.sites) == (frozenset({"site_lead", "manager"}), frozenset({"69123"}))


@pytest.mark.parametrize(
    ("name", "secret"),
    [("camille", ""), ("camille", "é"), ("camille", "x" * 32), ("nobody", None), ("", None), (WEB_CLIENT, None)],
)
def test_a_wrong_secret_gets_nothing(running: Running, name: str, secret: str | None) -> None:
    answer = running.token(name, secret)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_one_users_secret_is_not_anothers(running: Running) -> None:
    assert running.token("camille", running.issuer.secret_of("sacha")).status_code == 401


def test_secrets_come_from_the_seed(running: Running) -> None:
    same, other = made("http://localhost/x", Time()), made("http://localhost/x", Time(), b"t" * 32)
    assert running.issuer.secret_of("camille") == same.secret_of("camille") != other.secret_of("camille")
    assert running.issuer.jwks() == same.jwks() != other.jwks()
    assert all("d" not in key for key in same.jwks()["keys"])


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


def test_userinfo_is_for_access_tokens(running: Running) -> None:
    tokens = running.redeem(running.login()["code"][0]).json()

    def asked(header: str) -> httpx2.Response:
        return running.client.get("userinfo", headers={"Authorization": header})

    found = asked(f"Bearer {tokens['access_token']}").json()
    assert (found["sub"], found["name"], found["roles"]) == ("camille", "Camille <Durand>", ["adviser"])
    for wrong in ("", "Bearer", "Bearer x", f"Bearer {tokens['id_token']}", f"Basic {tokens['access_token']}"):
        assert asked(wrong).status_code == 401


@pytest.mark.parametrize(
    "content",
    [b"", b"grant_type=password&username=camille", b"\xff=\xff", b"a=1&" * 100, b"x" * (LARGEST_FORM_BYTES + 1)],
)
def test_a_form_that_is_none_is_refused(running: Running, content: bytes) -> None:
    answer = running.client.post("token", content=content)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_request", "unsupported_grant_type"}


def test_codes_that_nobody_redeems_do_not_pile_up(running: Running) -> None:
    first = running.login()["code"][0]
    for _ in range(MOST_CODES):
        running.issuer.code(CAMILLE, CALLBACK, "c", None)
    assert running.redeem(first).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example", "hub.internal:8000"])
def test_it_answers_under_this_machines_names_only(running: Running, host: str) -> None:
    assert running.client.get("jwks", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "url", ["http://0.0.0.0:8000/issuer", "http://hub.example/issuer", "http://192.0.2.1", "issuer"]
)
def test_it_serves_this_machine_only(url: str) -> None:
    with pytest.raises(Usage, match="this machine only"):
        create_local_issuer(made(url, Time()))

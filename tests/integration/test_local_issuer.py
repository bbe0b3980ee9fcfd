"""The local issuer: its tokens count for the hub, and nobody elsewhere reaches it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from hub.api.issuer import create_local_issuer
from hub.api.issuer.app import LARGEST_FORM_BYTES
from hub.api.issuer.minting import LIFETIME_S, MOST_CODES, WEB_CLIENT
from hub.domain.access import Reader
from hub.errors import Usage
from tests.integration.apis import NO_TLS
from tests.integration.local_issuers import CALLBACK, CAMILLE, Running, Time, made, served


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        clock = Time()
        issuer = made(f"http://127.0.0.1:{listening.getsockname()[1]}/issuer", clock)
        app = Starlette(routes=[Mount("/issuer", create_local_issuer(issuer))])
        with served(app, listening), httpx2.Client(base_url=issuer.url + "/", trust_env=False, verify=NO_TLS) as client:
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

"""A running local issuer with its users."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import uvicorn

from hub.api.issuer import LocalIssuer, LocalSystem, LocalUser
from hub.api.issuer.minting import WEB_CLIENT, challenge_of
from hub.api.tokens import Verifier, verifier_of
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
        random_bytes=lambda length: next(RANDOM).to_bytes(length),
        now=clock,
    )


RANDOM = iter(range(1, 10_000_000))

"""`hub serve` as an orchestrator runs it: started, asked for its health, told to stop with something in hand."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest

from hub.api.app import Application
from tests.integration.apis import NO_TLS
from tests.integration.commands import QUIET, ROOT, command, done, run, write_events
from tests.integration.test_telemetry_privacy import eventually
from tests.servers.postgres import LocalPostgres
from tests.unit.pathway.builders import registered
from tests.web.logins import Browser

PATIENCE_S = 60.0
NOWHERE = "postgresql://127.0.0.1:1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with one event taken in."""
    folder = tmp_path_factory.mktemp("serve") / "data"
    done(folder, "init")
    done(folder, "publish", write_events(folder / "one.jsonl", [registered()]))
    done(folder, "consume", "--until-caught-up")
    return folder


class Served:
    """The program in a process of its own, with what it writes."""

    def __init__(self, data: Path, *options: str, **env: str) -> None:
        self.log, self.out = data / "serve.log", data / "serve.out"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        with self.log.open("w") as log, self.out.open("w") as out:
            self.process = subprocess.Popen(
                command(data, "serve", "--port", "0", *options),
                cwd=ROOT,
                env={**kept, **QUIET, "HUB_LOG_FORMAT": "json", **env},
                stdout=out,
                stderr=log,
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The finished lines of its log."""
        text = self.log.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines() if line.startswith("{")]

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.lines]

    @property
    def port(self) -> int:
        found: int = next(line["port"] for line in self.lines if line["event"] == "serving")
        return found

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return httpx2.get(
            f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_S, trust_env=False, verify=NO_TLS, **options
        )

    def is_ready(self) -> bool:
        return "serving" in self.events and self.get("/readyz").status_code == 200

    def token(self, name: str) -> str:
        """Get a token of the local issuer, as its own words on the screen say."""
        secrets = dict(line.split(":", 1) for line in self.log.read_text().splitlines() if line.startswith("  "))
        found = {login.strip(): secret for login, secret in secrets.items()}
        address = f"http://127.0.0.1:{self.port}/issuer/token"
        given = httpx2.post(
            address, data={"grant_type": "client_credentials"}, auth=(name, found[name]), trust_env=False
        )
        token: str = given.json()["access_token"]
        return token


@contextmanager
def serving(data: Path, *options: str, **env: str) -> Iterator[Served]:
    served = Served(data, *options, **env)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.kill()
            served.process.wait()


def test_it_becomes_ready_answers_and_stops_when_told(made: Path) -> None:
    with serving(made, "--local-issuer") as served:
        eventually(served.is_ready)
        assert served.get("/healthz").text == "alive\n"
        assert served.get("/readyz").text.splitlines()[0] == "ready"
        token = served.token("operator")
        given = served.get("/api/v1/caseload", headers={"Authorization": f"Bearer {token}"})
        assert given.status_code == 403
        assert 'hub_available{part="issuer"} 1.0' in served.get("/metrics").text
        served.process.terminate()

        assert served.process.wait(PATIENCE_S) == 0
        assert served.events[0] == "serving"
        assert served.events[-1] == "stopped"
        assert served.lines[-1]["signal"] == "SIGTERM"
        assert served.out.read_text() == ""
        assert token not in served.log.read_text()


def test_a_request_in_hand_is_answered_before_it_stops_and_nobody_else_is_let_in(made: Path) -> None:
    with serving(made, "--local-issuer") as served:
        eventually(served.is_ready)
        port = served.port
        idle = socket.create_connection(("127.0.0.1", port))
        with closing(idle), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as busy:
            busy.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n")
            busy.sendall(b"Content-Length: 2\r\n\r\n{")
            eventually(lambda: "hub_http_requests_in_flight 1.0" in served.get("/metrics").text)
            served.process.terminate()
            eventually(lambda: not answers(port))
            assert served.process.poll() is None
            busy.sendall(b"}")

            text = b"".join(iter(lambda: busy.recv(65_536), b"")).decode()
            assert text.startswith("HTTP/1.1 401 ")
            assert "connection: close" in text
        assert served.process.wait(PATIENCE_S) == 0


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_an_interrupt_ends_it_too(made: Path) -> None:
    with serving(made, "--local-issuer") as served:
        eventually(served.is_ready)
        served.process.send_signal(signal.SIGINT)

        assert served.process.wait(PATIENCE_S) == 130


@pytest.mark.parametrize("form", ["auto", "json", "text"])
def test_a_taken_port_is_one_line(made: Path, form: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run(made, "serve", "--port", port, "--local-issuer", env={"HUB_LOG_FORMAT": form})

    assert ran.code == 1
    assert ran.err.startswith("error[usage]: the API cannot be served on 127.0.0.1:")
    assert "Address already in use" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"HUB_THEME_DIR": "nowhere"}, "error[usage]: HUB_THEME_DIR"),
        ({"HUB_NAMES_DIR": "nowhere"}, "error[usage]: HUB_NAMES_DIR"),
        ({"HUB_API_MAX_BODY_BYTES": "none"}, "error[usage]: HUB_API_MAX_BODY_BYTES: "),
        ({"HUB_DATABASE": f"{NOWHERE}/hub", "HUB_KEY_DATABASE": f"{NOWHERE}/keys"}, "error[store_unavailable]: "),
    ],
)
def test_what_keeps_it_from_starting_is_one_line_for_whoever_starts_it(
    made: Path, env: dict[str, str], said: str
) -> None:
    ran = run(made, "serve", "--port", "0", "--local-issuer", env={"HUB_LOG_FORMAT": "json", **env})

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(said)
    assert ran.err.count("\n") == 1


def test_where_no_hub_is_it_says_how_to_make_one(tmp_path: Path) -> None:
    ran = run(tmp_path / "none", "serve", "--port", "0", "--local-issuer", env={"HUB_LOG_FORMAT": "json"})

    assert ran.code == 1
    assert ran.err.startswith("error[")
    assert "hub init" in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_provider_it_says_what_to_set(made: Path) -> None:
    ran = run(made, "serve")

    assert ran.code == 1
    assert ran.err.startswith("error[usage]: HUB_OIDC_ISSUER is not set")
    assert "--local-issuer" in ran.err


def test_the_local_issuer_serves_this_machine_alone(made: Path) -> None:
    assert "listen on 127.0.0.1" in run(made, "serve", "--local-issuer", "--host", "0.0.0.0").err  # noqa: S104
    both = run(made, "serve", "--local-issuer", env={"HUB_OIDC_ISSUER": "https://id.example"})
    assert (both.code, both.err.count("\n")) == (1, 1)


class _Provider(BaseHTTPRequestHandler):
    """A provider that is there, and can say nothing."""

    def do_GET(self) -> None:
        """Fail."""
        self.send_error(503)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_without_the_providers_keys_it_lives_and_is_not_ready(made: Path) -> None:
    provider = HTTPServer(("127.0.0.1", 0), _Provider)
    Thread(target=provider.serve_forever, daemon=True).start()
    try:
        with serving(made, HUB_OIDC_ISSUER=f"http://127.0.0.1:{provider.server_port}") as served:
            eventually(lambda: "part_away" in served.events and "serving" in served.events)
            eventually(lambda: "store: answers" in served.get("/readyz").text)

            given = served.get("/readyz")
            assert (given.status_code, given.text.splitlines()[0]) == (503, "not ready")
            assert "issuer: issuer_unavailable" in given.text
            assert served.get("/healthz").status_code == 200
            refused = served.get("/api/v1/caseload", headers={"Authorization": "Bearer a.b.c"})
            assert refused.status_code == 503
            assert refused.headers["Retry-After"]
    finally:
        provider.shutdown()
        provider.server_close()


def test_a_database_that_is_away_takes_it_out_until_it_is_back(fault_postgres: LocalPostgres, tmp_path: Path) -> None:
    urls = {f"HUB_{name}": fault_postgres.create_database() for name in ("DATABASE", "KEY_DATABASE")}
    assert run(tmp_path, "init", env=urls).code == 0
    with serving(tmp_path, "--local-issuer", **urls) as served:
        eventually(served.is_ready)
        headers = {"Authorization": f"Bearer {served.token('ft-lead')}"}
        assert served.get("/api/v1/caseload", headers=headers).status_code == 200
        fault_postgres.stop()
        eventually(lambda: served.get("/readyz").status_code == 503)
        assert "store: store_unavailable" in served.get("/readyz").text
        given = served.get("/api/v1/caseload", headers=headers)
        assert (given.status_code, given.headers["Retry-After"]) == (503, "5")
        assert "postgresql" not in given.text
        assert served.get("/healthz").status_code == 200
        fault_postgres.start()
        eventually(served.is_ready)
        assert served.get("/api/v1/caseload", headers=headers).status_code == 200
        assert {"part_away", "part_back"} <= set(served.events)


def test_the_document_needs_no_hub(tmp_path: Path) -> None:
    out = tmp_path / "openapi.json"
    ran = run(tmp_path / "none", "openapi")

    assert ran.json == json.loads(json.dumps(Application().openapi()))
    assert run(tmp_path / "none", "openapi", "--out", out).out == ""
    assert json.loads(out.read_text()) == ran.json


def test_health_asks_the_api_as_it_asks_a_worker(made: Path) -> None:
    with serving(made, "--local-issuer") as served:
        eventually(served.is_ready)
        port = str(served.port)

        assert run(made, "health", "--port", port).out == "alive\n"
        assert run(made, "health", "--port", port, "--ready").code == 0


def test_its_own_provider_lets_each_role_into_the_pages(made: Path) -> None:
    with serving(made, "--local-issuer") as served:
        eventually(served.is_ready)
        url = f"http://127.0.0.1:{served.port}"
        links = re.findall(rf"^  (\S.*?) +({url}/connexion\?compte=\S+)$", served.log.read_text(), re.MULTILINE)
        assert [title for title, _ in links if "Responsable de site" in title]
        assert len({link for _, link in links}) == len(links) >= 7
        with Browser(url) as browser:
            for _, link in links:
                account = link.partition("compte=")[2]
                assert browser.get(link).status_code == 200
                assert browser.log_in(account, compte=account).headers["Location"] == "/"
                assert browser.is_logged_in(), account
            assert browser.form("/deconnexion", "/accessibilite").status_code == 200
            assert not browser.is_logged_in()
        assert "compte=" not in "".join(json.dumps(line) for line in served.lines)


def test_pages_wait_for_their_address_and_the_api_does_not(made: Path) -> None:
    with serving(made, HUB_OIDC_ISSUER="http://127.0.0.1:9") as served:
        eventually(lambda: "serving" in served.events)
        assert served.get("/connexion").status_code == 404
        assert served.get("/api/v1/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("options", "env", "said"),
    [
        ([], {"HUB_WEB_URL": "https://parcours.example.fr"}, "HUB_WEB_CLIENT_ID is not set"),
        ([], {"HUB_WEB_URL": "https://x.example/hub", "HUB_WEB_CLIENT_ID": "x"}, "HUB_WEB_URL is malformed"),
        ([], {"HUB_WEB_URL": "http://x.example", "HUB_WEB_CLIENT_ID": "x"}, "HUB_WEB_URL is not encrypted"),
        ([], {"HUB_WEB_SCOPE": "profile"}, "HUB_WEB_SCOPE"),
        (["--local-issuer"], {"HUB_WEB_URL": "https://x.example"}, "HUB_WEB_URL is not this machine's"),
    ],
)
def test_pages_that_would_not_be_safe_are_not_served(
    made: Path, options: list[str], env: dict[str, str], said: str
) -> None:
    issuer = {} if options else {"HUB_OIDC_ISSUER": "http://127.0.0.1:9"}
    ran = run(made, "serve", "--port", "0", *options, env={**issuer, **env})
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1

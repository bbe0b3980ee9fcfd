"""An OpenID provider on loopback, whose tokens, keys and failures a test chooses.

with a_provider() as provider:
    checked = provider.verifier().reader(provider.token())
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from hub.api.tokens import Verifier, verifier_of
from tests.unit.telemetry import Clock, Lines

AUDIENCE = "parcours-hub"
SUBJECT = "6f1c-adviser"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
P384 = ECKey.generate_key("P-384", {"kid": "ec-3", "use": "sig"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed-1", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
"""Not the provider's, under the id of one that is."""
EVERY = ("RS256", "RS512", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")
Answer = tuple[int, Mapping[str, str], bytes]


class Provider:
    """What the provider says, which a test may change at any time.

    Attributes:
        keys: whose public parts its JWKS shows.
        said: what its discovery document says besides or instead.
        answers: by path, an answer instead of its own: `lambda form: (status, headers, body)`.
        active: what introspection says of opaque tokens, and userinfo.
        asked: the path of every request, in order.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: list[Key] = [RSA, EC]
        self.said: dict[str, Any] = {}
        self.answers: dict[str, Callable[[dict[str, list[str]]], Answer]] = {}
        self.active: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.forms: list[dict[str, list[str]]] = []
        self.slow_s = 0.0
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.clock = Clock()
        self.lines = Lines()

    def passes(self, seconds: float) -> None:
        """Let time pass, on both clocks of the hub."""
        self.clock.seconds += seconds
        self.time += timedelta(seconds=seconds)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Give the claims of a good token; None leaves one out."""
        at = int(self.time.timestamp())
        claims = {
            "iss": self.url,
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "iat": at,
            "nbf": at,
            "exp": at + 3_600,
            "roles": ["adviser"],
            "network": "cap_emploi",
            "adviser": "C-4",
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key: Key = RSA, alg: str = "RS256", header: Mapping[str, Any] | None = None, **changed: Any) -> str:
        """Sign a token, good but for what a test changes."""
        return signed(key, {"alg": alg, "kid": key.kid, "typ": "at+jwt", **(header or {})}, self.claims(**changed))

    def verifier(self, **changed: Any) -> Verifier:
        """Make a verifier whose clocks are those of this provider."""
        given: dict[str, Any] = {
            "audience": AUDIENCE,
            "claims": {},
            "directory": None,
            "client_id": None,
            "client_secret": None,
            "levels": "",
            "ca_file": None,
            "now": lambda: self.time,
            "clock": self.clock,
            "log": self.lines.log,
            **changed,
        }
        return verifier_of(given.pop("issuer", self.url), **given)

    def answer(self, path: str, headers: Mapping[str, str], form: dict[str, list[str]]) -> Answer:
        """Answer a request."""
        self.asked.append(path)
        self.forms.append(form)
        time.sleep(self.slow_s)
        if path in self.answers:
            return self.answers[path](form)
        if path == "/.well-known/openid-configuration":
            return as_json(self.document())
        if path == "/jwks":
            return as_json({"keys": [key.as_dict(private=False) for key in self.keys]})
        if path == "/introspect":
            return as_json(self.active.get(form["token"][0], {"active": False}))
        if path == "/userinfo":
            found = self.people.get(headers.get("Authorization", "").removeprefix("Bearer "))
            return (401, {}, b"") if found is None else as_json(found)
        return 404, {}, b""

    def document(self) -> dict[str, Any]:
        """Give the discovery document."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "introspection_endpoint": f"{self.url}/introspect",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "id_token_signing_alg_values_supported": ["HS256", "none", *EVERY],
            **self.said,
        }

    def times(self, path: str) -> int:
        """Count the requests for a path."""
        return self.asked.count(path)


@contextmanager
def a_provider() -> Iterator[Provider]:
    """Serve a provider on a loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(provider)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(key: Key | OctKey, header: Mapping[str, Any], claims: Mapping[str, Any] | bytes) -> str:
    """Sign whatever as whatever, as a library that checks nothing would."""
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    message = f"{encoded(json.dumps(header).encode())}.{encoded(body)}"
    name = {"EdDSA": "Ed25519"}.get(str(header["alg"]), str(header["alg"]))
    return f"{message}.{encoded(jws.JWSRegistry.algorithms[name].sign(message.encode(), key))}"


def encoded(content: bytes) -> str:
    """Encode as a part of a JWT."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def as_json(content: Any) -> Answer:
    """Give an answer in JSON."""
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(content).encode()


def written(folder: Path, entries: Any) -> Path:
    """Write a directory, as a program would that knows how to replace a file."""
    path, new = folder / "directory.json", folder / "directory.json.new"
    new.write_text(entries if isinstance(entries, str) else json.dumps(entries))
    new.replace(path)
    return path


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(*provider.answer(self.path, dict(self.headers), {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*provider.answer(self.path, dict(self.headers), parse_qs(body)))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # who asked has given up

    return Handler

"""An endpoint that gives OAuth tokens for client credentials, and the key by which a broker checks them."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if TYPE_CHECKING:
    from collections.abc import Mapping

AUDIENCE = "kafka"
ISSUER = "https://tokens.test"


class TokenEndpoint:
    """Answers on loopback for one client, by HTTP Basic or form fields, with RS256 tokens in its name.

    Attributes:
        lifetime_s: how long the next tokens are valid.
        given: how many tokens it has given.
    """

    def __init__(self, port: int, client_id: str, client_secret: str) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.url = f"http://127.0.0.1:{port}/token"
        self.keys_url = f"http://127.0.0.1:{port}/keys"
        self.lifetime_s = 3_600
        self.given = 0
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def keys(self) -> dict[str, Any]:
        """The public key, as a JSON Web Key Set."""
        public = self._key.public_key().public_numbers()
        modulus, exponent = (_base64(n.to_bytes((n.bit_length() + 7) // 8)) for n in (public.n, public.e))
        return {"keys": [{"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "n": modulus, "e": exponent}]}

    def answer(self, form: Mapping[str, list[str]], authorization: str) -> tuple[int, dict[str, Any]]:
        """What a request for a token gets: the status and the body."""
        basic = _base64_standard(f"{self.client_id}:{self.client_secret}")
        fields = (form.get("client_id"), form.get("client_secret")) == ([self.client_id], [self.client_secret])
        if authorization != f"Basic {basic}" and not fields:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        self.given += 1
        return 200, {"access_token": self._token(), "token_type": "Bearer", "expires_in": self.lifetime_s}

    def _token(self) -> str:
        now = int(time.time())
        claims = {
            "sub": self.client_id,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "scope": "kafka",
            "iat": now,
            "exp": now + self.lifetime_s,
            "jti": str(self.given),
        }
        parts = ({"alg": "RS256", "kid": "1", "typ": "JWT"}, claims)
        signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"


def _handler(endpoint: TokenEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, endpoint.keys())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*endpoint.answer(parse_qs(body), self.headers.get("Authorization", "")))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

        def _send(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _base64_standard(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

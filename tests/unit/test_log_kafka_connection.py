"""Settings of the connection to Kafka that do not fit together are refused by name; tokens are kept while they last."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError

from hub.errors import LogUnavailable, Usage
from hub.log.kafka import KafkaConnection
from hub.log.kafka.tokens import ClientCredentials
from tests.servers.certificates import Authority

OAUTH: dict[str, Any] = {
    "security": "SASL_SSL",
    "mechanism": "OAUTHBEARER",
    "token_url": "https://idp.example/token",
    "client_id": "hub",
    "client_secret": "x",
}
PASSWORD: dict[str, Any] = {"security": "SASL_SSL", "username": "u", "password": "x"}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no server": ({"servers": " , "}, "HUB_KAFKA_SERVERS"),
    "security": ({"security": "TLS"}, "HUB_KAFKA_SECURITY is TLS"),
    "mechanism": ({"security": "SASL_SSL", "mechanism": "NTLM"}, "HUB_KAFKA_MECHANISM is NTLM"),
    "no user": ({"security": "SASL_SSL", "password": "x"}, "HUB_KAFKA_USERNAME is not set"),
    "no password": ({"security": "SASL_SSL", "username": "x"}, "HUB_KAFKA_PASSWORD is not set"),
    "password unused": ({"security": "SSL", "password": "x"}, "HUB_KAFKA_PASSWORD is set but"),
    "authority unused": ({"ca_file": Path("ca.pem")}, "HUB_KAFKA_CA_FILE is set but"),
    "key alone": ({"security": "SSL", "key_file": Path("k.pem")}, "HUB_KAFKA_CERT_FILE is not set"),
    "no token url": ({"security": "SASL_SSL", "mechanism": "OAUTHBEARER"}, "HUB_KAFKA_TOKEN_URL is not set"),
    "secret in clear": (OAUTH | {"token_url": "http://idp.example/token"}, "HUB_KAFKA_TOKEN_URL must begin with https"),
    "secret in the url": (OAUTH | {"token_url": "https://hub:s3cret@idp.example/token"}, "HUB_KAFKA_TOKEN_URL holds"),
    "key in the url": (OAUTH | {"token_url": "https://idp.example/token?key=s3cret"}, "HUB_KAFKA_TOKEN_URL holds"),
    "no host": (OAUTH | {"token_url": "https:///token"}, "HUB_KAFKA_TOKEN_URL is malformed"),
    "no port": (OAUTH | {"token_url": "https://idp.example:s3cret/"}, "HUB_KAFKA_TOKEN_URL is malformed"),
    "user with tokens": (OAUTH | {"username": "u"}, "HUB_KAFKA_USERNAME is set but"),
    "token url unused": (PASSWORD | {"token_url": "https://idp.example"}, "HUB_KAFKA_TOKEN_URL is set but"),
    "client id unused": (PASSWORD | {"client_id": "hub"}, "HUB_KAFKA_CLIENT_ID is set but"),
    "client secret unused": ({"client_secret": "s3cret"}, "HUB_KAFKA_CLIENT_SECRET is set but"),
    "scope unused": ({"security": "SSL", "token_scope": "kafka"}, "HUB_KAFKA_TOKEN_SCOPE is set but"),
    "key password unused": ({"security": "SSL", "key_password": "s3cret"}, "HUB_KAFKA_KEY_PASSWORD is set but"),
    "key password in clear": ({"key_password": "s3cret"}, "HUB_KAFKA_KEY_PASSWORD is set but"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_settings_that_do_not_fit_together_are_refused_by_name(case: str) -> None:
    settings, said = REFUSED[case]
    with pytest.raises(Usage, match=said) as raised:
        KafkaConnection(**{"servers": "a:9092", **settings})
    assert "s3cret" not in str(raised.value)


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    for name in ("ca.pem", "absent.pem"):
        with pytest.raises(Usage, match=f"HUB_KAFKA_CA_FILE.*{name}"):
            KafkaConnection("a:9092", security="SSL", ca_file=tmp_path / name).library_config()
    with pytest.raises(Usage, match=r"HUB_KAFKA_CERT_FILE.*ca\.pem"):
        KafkaConnection("a:9092", security="SSL", cert_file=tmp_path / "ca.pem").library_config()


def test_servers_are_checked_by_certificate_and_name() -> None:
    context = KafkaConnection("a:9092", security="SSL").tls_context()
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_no_secret_is_shown() -> None:
    files = {"cert_file": Path("c.pem"), "key_password": "s3cret-a"}
    shown = repr([KafkaConnection("a:9092", **login | files) for login in (PASSWORD | {"password": "s3cret-b"}, OAUTH)])
    assert "s3cret" not in shown
    assert "client_secret" not in shown


class Endpoint:
    """A token endpoint that counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.status = 200
        self.answer: object = {"access_token": "t", "expires_in": 300}

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                endpoint.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps(endpoint.answer).encode()
                self.send_response(endpoint.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            if tls:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/token"
            server.shutdown()


def credentials(url: str) -> ClientCredentials:
    return ClientCredentials(url, "hub", "s3cret", "kafka", ssl.create_default_context())


def test_a_token_is_got_once_for_all_threads() -> None:
    endpoint = Endpoint()
    with endpoint.serving() as url, ThreadPoolExecutor(8) as pool:
        provider = credentials(url)
        assert list(pool.map(lambda _: provider.token(), range(40))) == ["t"] * 40
    assert endpoint.asked == [b"grant_type=client_credentials&scope=kafka"]


@pytest.mark.parametrize("security", ["SASL_SSL", "SASL_PLAINTEXT"])
def test_an_endpoint_of_an_internal_authority_is_trusted_by_the_ca_file(
    tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    authority = Authority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue("idp"))
    with Endpoint().serving(tls) as url:
        settings = OAUTH | {"security": security, "token_url": url}
        trusting = KafkaConnection("a:9092", **settings, ca_file=authority.ca_file).library_config()
        assert trusting["sasl_oauth_token_provider"].token() == "t"
        system = KafkaConnection("a:9092", **settings).library_config()
        with pytest.raises(KafkaConnectionError, match="certificate verify failed"):
            system["sasl_oauth_token_provider"].token()


def test_a_token_is_replaced_before_it_expires() -> None:
    endpoint = Endpoint()
    endpoint.answer = {"access_token": "t", "expires_in": 0}
    with endpoint.serving() as url:
        provider = credentials(url)
        assert [provider.token(), provider.token()] == ["t", "t"]
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    ("status", "answer", "error", "said"),
    [
        (401, {}, Usage, "answered 401; check HUB_KAFKA_CLIENT_ID"),
        (500, {}, LogUnavailable, "answered 500"),
        (200, {"error": "s3cret"}, LogUnavailable, "without an access_token"),
        (200, ["s3cret"], LogUnavailable, "without an access_token"),
    ],
)
def test_an_endpoint_that_gives_no_token_is_named(
    status: int, answer: object, error: type[Exception], said: str
) -> None:
    endpoint = Endpoint()
    endpoint.status, endpoint.answer = status, answer
    with endpoint.serving() as url:
        provider = credentials(url)
        with pytest.raises(KafkaConnectionError, match=said) as raised:
            provider.token()
    assert "s3cret" not in str(raised.value)
    assert type(provider.failure) is error
    with pytest.raises(KafkaConnectionError, match="does not answer"):
        provider.token()
    assert type(provider.failure) is LogUnavailable

"""The client of a schema registry and secrets: credentials, addresses, certificates, and what no failure repeats."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.codec.confluent import ConfluentApi
from hub.errors import HubError, RegistryUnavailable, Usage
from tests.integration.registry_apis import PASSWORD, an_api, closed_port, each_call
from tests.integration.registry_replies import Replies, Reply, replying


@pytest.fixture
def replies() -> Iterator[Replies]:
    with replying() as served:
        yield served


def test_credentials_are_sent_as_basic_or_as_a_bearer_token(replies: Replies) -> None:
    an_api(replies.url, username="hub", password="é:x").subjects()
    an_api(replies.url, password=PASSWORD).subjects()
    an_api(replies.url).subjects()
    sent = [asked.headers.get("Authorization") for asked in replies.asked]
    assert sent == ["Basic aHViOsOpOng=", f"Bearer {PASSWORD}", None]


def test_a_proxy_of_the_environment_is_not_asked(replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert an_api(replies.url).subjects() == frozenset()


@pytest.mark.parametrize(
    "url",
    [
        "",
        ",",
        "registry:8081",
        "ftp://registry",
        "http://",
        "http://[::1",
        "http://registry:port",
        "http://registry:99999999",
        "http://regi stry",
        "http://registry/?a=b",
        "http://registry/#a",
        "http://ok,",
        f"http://hub:{PASSWORD}@registry",
        f"http://{PASSWORD}@registry",
        f"http://hub:{PASSWORD}@registry:port",
    ],
)
def test_a_malformed_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Usage, match="HUB_REGISTRY_URL") as raised:
        an_api(url)
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("password", ["two\nlines", "é", "a b", None])
def test_malformed_credentials_are_refused(password: str | None) -> None:
    with pytest.raises(Usage, match="HUB_REGISTRY_"):
        an_api("https://registry", username=None if password else "hub", password=password)


@pytest.mark.parametrize("username", ["hub", None])
@pytest.mark.parametrize("url", ["http://registry:8081", "http://10.0.0.7", "https://one.example, http://two.example"])
def test_a_password_is_not_sent_over_a_network_in_clear(url: str, username: str | None) -> None:
    with pytest.raises(Usage, match="HUB_REGISTRY_URL names http://") as raised:
        an_api(url, username=username, password=PASSWORD)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3:8081", "[::1]:8081"])
def test_a_password_may_be_sent_in_clear_within_this_machine(host: str) -> None:
    an_api(f"http://{host}", username="hub", password=PASSWORD)
    an_api("http://registry:8081")


def test_an_unusable_file_of_authorities_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for file in (tmp_path / "missing.pem", empty, tmp_path):
        with pytest.raises(Usage, match=f"HUB_REGISTRY_CA_FILE.*{file.name}"):
            an_api("https://127.0.0.1:1", ca_file=file).subjects()


def a_certificate(folder: Path) -> Path:
    """Make a certificate for the loopback address, which nobody signed but itself, in a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "registry.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file


def test_a_registry_over_tls_is_trusted_by_the_authorities_named(tmp_path: Path) -> None:
    file = a_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    with replying(tls) as replies:
        assert an_api(replies.url, ca_file=file).subjects() == frozenset()
        with pytest.raises(RegistryUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            an_api(replies.url).subjects()
        with pytest.raises(RegistryUnavailable, match=r"broke off|cannot be reached"):
            an_api(replies.url.replace("https", "http")).subjects()


@each_call
def test_no_failure_repeats_the_password(replies: Replies, call: Callable[[ConfluentApi], object]) -> None:
    broken_off = Reply(200, b"", {"Content-Length": "9"})
    for reply in (Reply(401), Reply(302), Reply(500), Reply(200, b"<html>"), Reply(404, b""), broken_off):
        replies.always = reply
        for username in ("hub", None):
            with pytest.raises(HubError) as raised:
                call(an_api(replies.url, username=username, password=PASSWORD))
            assert PASSWORD not in "".join(traceback.format_exception(raised.value))

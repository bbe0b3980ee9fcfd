"""What a schema registry may answer, and what the client makes of it; the replies are those of real registries."""

from __future__ import annotations

import itertools
import json
import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from hub.codec.confluent import ConfluentApi
from hub.codec.confluent_registry import ConfluentRegistry, text_of
from hub.codec.registry_http import ATTEMPTS, LARGEST_ANSWER_BYTES, RegistryHttp
from hub.errors import HubError, RegistryUnavailable, SchemaIncompatible, UnknownSchema, Usage
from tests.integration.registry_replies import Replies, Reply, replying
from tests.unit.codec_records import REGISTRY
from tests.unit.test_codec_layout import AVRO_LIKE, JSON

PASSWORD = "pass-word-7781"
SUBJECT = "hub.decisions.v1-fr.parcours.link.RecordsLinked"
SCHEMA = text_of(REGISTRY.current("RecordsLinked"))


@pytest.fixture
def replies() -> Iterator[Replies]:
    with replying() as served:
        yield served


def an_api(
    urls: str, pauses: list[float] | None = None, clock: Callable[[], float] = time.monotonic, **more: Any
) -> ConfluentApi:
    pauses = [] if pauses is None else pauses
    return ConfluentApi(RegistryHttp(urls, sleep=pauses.append, clock=clock, **more))


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


CALLS: dict[str, Callable[[ConfluentApi], object]] = {
    "schema": lambda api: api.schema(1),
    "subjects": lambda api: api.subjects(),
    "find": lambda api: api.find(SUBJECT, SCHEMA),
    "register": lambda api: api.register(SUBJECT, SCHEMA),
    "is_compatible": lambda api: api.is_compatible(SUBJECT, SCHEMA),
    "level": lambda api: api.level(SUBJECT),
    "set_level": lambda api: api.set_level(SUBJECT, "FULL_TRANSITIVE"),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def test_a_schema_is_registered_found_and_read(replies: Replies) -> None:
    api = an_api(replies.url)
    assert api.subjects() == frozenset()
    assert api.find(SUBJECT, SCHEMA) is None
    assert api.is_compatible(SUBJECT, SCHEMA)
    assert api.level(SUBJECT) is None
    api.set_level(SUBJECT, "FULL_TRANSITIVE")
    assert api.level(SUBJECT) == "FULL_TRANSITIVE"
    schema_id = api.register(SUBJECT, SCHEMA)
    assert api.register(SUBJECT, SCHEMA) == schema_id == api.find(SUBJECT, SCHEMA)
    assert json.loads(api.schema(schema_id)) == REGISTRY.current("RecordsLinked").definition
    assert api.subjects() == {SUBJECT}
    assert {asked.headers["Content-Type"] for asked in replies.asked} == {"application/vnd.schemaregistry.v1+json"}


def test_a_name_is_quoted_in_a_path(replies: Replies) -> None:
    assert an_api(f"{replies.url}/").find("../a b?c", SCHEMA) is None
    assert replies.asked[0].path == "/subjects/..%2Fa%20b%3Fc"


def test_an_unknown_id_is_not_an_absent_registry(replies: Replies) -> None:
    with pytest.raises(UnknownSchema, match=r"no schema 1$"):
        an_api(replies.url).schema(1)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(409, {"error_code": 409, "message": "Incompatible schema, compatibility_mode=FULL_TRANSITIVE"}),
            "compatibility_mode=FULL_TRANSITIVE",
        ),
        (Reply(422, {"error_code": 42201, "message": "Invalid AVRO schema. Error: \x1b[31mred"}), "Error:  .31mred"),
        (Reply(409, {"message": ["no", "text"]}), "no reason"),
        (Reply(409, [1]), "no reason"),
    ],
)
def test_a_refused_schema_is_incompatible_in_the_registrys_words(replies: Replies, reply: Reply, words: str) -> None:
    replies.always = reply
    with pytest.raises(SchemaIncompatible, match=words):
        an_api(replies.url).register(SUBJECT, SCHEMA)
    assert not an_api(replies.url).is_compatible(SUBJECT, SCHEMA)


@each_call
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"error_code": 50001, "message": "Error in the backend data store"}),
        Reply(503, b"<html>Service Unavailable</html>"),
        Reply(429, {"error_code": 42901, "message": "slow down"}),
        Reply(200, b"<!DOCTYPE html><title>Log in</title>"),
        Reply(200, b""),
        Reply(200, b"\xff\xfe"),
        Reply(200, b"[" * 100_000),
        Reply(200, b"7" * 10_000),
        Reply(404, b""),
        Reply(404, {"error_code": 404, "message": "HTTP 404 Not Found"}),
        Reply(404, {"error_code": True}),
        Reply(404, {"error_code": "40403"}),
        Reply(404, []),
        Reply(405, {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}),
        Reply(200, b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"}),
        Reply(200, b"{}", headers={"Content-Length": "99"}),
        Reply(200, b"", headers={"X": "y" * 200_000}),
    ],
    ids=lambda reply: f"{reply.status} {str(reply.content)[:30]}",
)
def test_whatever_is_no_answer_counts_as_away(
    replies: Replies, call: Callable[[ConfluentApi], object], reply: Reply
) -> None:
    replies.always = reply
    with pytest.raises(RegistryUnavailable) as raised:
        call(an_api(replies.url))
    assert replies.url in str(raised.value)
    assert raised.value.retriable


@pytest.mark.parametrize("call", [CALLS[name] for name in CALLS if name != "set_level"])
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"id": True, "schema": 7, "is_compatible": "yes", "compatibilityLevel": None},
        {"id": 0},
        {"id": 2**31},
        {"id": 1.0},
        {"id": "1"},
        7,
        None,
    ],
)
def test_an_answer_without_what_was_asked_counts_as_away(
    replies: Replies, call: Callable[[ConfluentApi], object], content: object
) -> None:
    replies.always = Reply(200, content)
    with pytest.raises(RegistryUnavailable, match="unlike a schema registry"):
        call(an_api(replies.url))


@each_call
@pytest.mark.parametrize("status", [401, 403, 301, 302, 307, 308])
def test_what_asking_again_would_not_change_is_asked_once(
    replies: Replies, call: Callable[[ConfluentApi], object], status: int
) -> None:
    replies.always = Reply(status, b"<html>", headers={"Location": "http://127.0.0.1:1/elsewhere"})
    pauses: list[float] = []
    with pytest.raises(RegistryUnavailable, match=f"HTTP {status}"):
        call(an_api(replies.url, pauses, username="hub", password=PASSWORD))
    assert len(replies.asked) == 1
    assert pauses == []


def test_a_passing_failure_is_tried_again_after_growing_pauses(replies: Replies) -> None:
    replies.queue = [Reply(503), Reply(500)]
    pauses: list[float] = []
    assert an_api(replies.url, pauses).find(SUBJECT, SCHEMA) is None
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 2


def test_a_lasting_failure_is_reported_after_some_attempts(replies: Replies) -> None:
    replies.always = Reply(503)
    with pytest.raises(RegistryUnavailable, match="HTTP 503"):
        an_api(replies.url).schema(1)
    assert len(replies.asked) == ATTEMPTS


def test_the_next_server_is_asked_and_stays_the_first(replies: Replies) -> None:
    pauses: list[float] = []
    api = an_api(f"http://127.0.0.1:{closed_port()}, {replies.url}", pauses)
    assert api.find(SUBJECT, SCHEMA) is None
    assert api.find(SUBJECT, SCHEMA) is None
    assert pauses == []
    assert len(replies.asked) == 2


def test_a_closed_port_says_so() -> None:
    port = closed_port()
    with pytest.raises(RegistryUnavailable, match=rf"127\.0\.0\.1:{port} cannot be reached .*refused"):
        an_api(f"http://127.0.0.1:{port}").subjects()


def test_a_server_that_says_nothing_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        started = time.monotonic()
        with pytest.raises(RegistryUnavailable, match="in time"):
            an_api(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2).subjects()
        assert time.monotonic() - started < 5


def test_an_answer_that_trickles_is_given_up(replies: Replies) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" "

    replies.always = Reply(200, pieces=endless)
    ticks = itertools.count()
    with pytest.raises(RegistryUnavailable, match="within 10 seconds"):
        an_api(replies.url, clock=lambda: float(next(ticks))).subjects()


def test_an_answer_that_swells_is_given_up(replies: Replies) -> None:
    replies.always = Reply(200, pieces=lambda: iter([b"[" + b" " * LARGEST_ANSWER_BYTES, b"]"]))
    with pytest.raises(RegistryUnavailable, match="more than"):
        an_api(replies.url).subjects()


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


ANSWERS = (
    JSON
    | st.binary()
    | st.fixed_dictionaries({"schema": (AVRO_LIKE | JSON).map(json.dumps) | st.text()})
    | st.fixed_dictionaries({"error_code": st.sampled_from([40403, 40401, 404, "40403"])})
)


@given(st.lists(st.tuples(st.sampled_from([200, 404, 409, 422, 500, 204, 418]), ANSWERS), min_size=1, max_size=5))
def test_whatever_a_registry_answers_about_an_id_is_an_error_of_the_hub(answers: list[tuple[int, Any]]) -> None:
    with replying() as replies:
        an_api(replies.url).register(SUBJECT, SCHEMA)
        replies.below = "/schemas/ids/"
        registry = ConfluentRegistry(REGISTRY, an_api(replies.url), topic_prefix="", clock=time.monotonic)
        for schema_id, (status, content) in enumerate(answers, start=1):
            replies.always = Reply(status, content)
            with pytest.raises(HubError) as raised:
                registry.by_id(schema_id)
            fields = content if isinstance(content, dict) else {}
            is_known_to_be_foreign = (status == 200 and isinstance(fields.get("schema"), str)) or (
                status == 404 and fields.get("error_code") == 40403
            )
            assert isinstance(raised.value, UnknownSchema if is_known_to_be_foreign else RegistryUnavailable)

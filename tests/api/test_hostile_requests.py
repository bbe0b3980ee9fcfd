"""Hostile requests: what two programs may read differently, what a parser chokes on, what a template would run."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from hub.api.app import Application
from hub.api.openapi import operations_of
from hub.domain.access import Reader
from tests.api.regions import DPO, FREE, OPERATOR, PUBLISHER
from tests.integration.apis import Api
from tests.integration.people import NOBODY, REFERENT, People, people

PATIENCE_S = 20.0
QUICK_S = 5.0
"""Far more than an answer takes, far less than what an attack wants."""
ROUTE = "/api/v1/pathways/{}"
MARKERS = (
    "zz'; DROP TABLE pathway;--",
    "{{7907*7919}}",
    "${jndi:ldap://zz.example/a}",
    "<script>zz</script>",
    "%n%s%x",
    "../../zz",
)
"""Texts that a database, a template, a logger, a browser, a format or a file system would obey."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("hostile"), **FREE, api_timeout_s=1) as found:
        yield found


def raw(api: Api, sent: bytes) -> tuple[list[int], str]:
    """Send bytes; give the statuses of all answers, and all of the text, to the connection's end."""
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE_S) as connection:
        connection.sendall(sent)
        parts = []
        while received := connection.recv(65_536):
            parts.append(received)
    text = b"".join(parts).decode()
    return [int(each) for each in re.findall(r"^HTTP/1\.1 (\d{3})", text, re.MULTILINE)], text


def head(api: Api, *lines: str, path: str = "/api/v1/me", method: str = "GET", host: str = "hub") -> bytes:
    """Write the head of the referent's request with further lines."""
    token = api.token(REFERENT)
    written = (f"{method} {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {token}", *lines)
    return "\r\n".join((*written, "Connection: close", "", "")).encode("utf-8", "surrogateescape")


SMUGGLED = "GET /api/v1/status HTTP/1.1\r\nHost: hub\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 99999999999999999999999",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding:\x0bchunked",),
        ("X-Folded: a", " Transfer-Encoding: chunked"),
        ("X-Name\x00: a",),
        ("X Name: a",),
        ("no colon",),
    ],
)
def test_a_request_that_a_proxy_may_end_elsewhere_is_refused_or_ends_the_connection(
    hub: People, lines: tuple[str, ...]
) -> None:
    sent = head(hub.api, *lines, path="/api/v1/cases/search", method="POST") + b"0\r\n\r\n" + SMUGGLED.encode()
    statuses, text = raw(hub.api, sent)

    assert len(statuses) <= 1
    assert all(400 <= status < 500 for status in statuses)
    assert '"accounting"' not in text


def test_a_line_feed_alone_begins_no_header_that_counts_twice(hub: People) -> None:
    token = hub.api.token(DPO)
    statuses, _ = raw(hub.api, head(hub.api, f"X-A: b\nAuthorization: Bearer {token}", path="/api/v1/access-alarms"))

    assert statuses in ([400], [401], [403])


def test_two_tokens_are_none(hub: People) -> None:
    other = f"Authorization: Bearer {hub.api.token(DPO)}"

    for lines in ((other,), ("Authorization: Basic Zm9vOmJhcg==",)):
        statuses, text = raw(hub.api, head(hub.api, *lines, path="/api/v1/access-alarms"))
        assert statuses in ([400], [401], [403]), text


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "bearer\tx", "Bearer a b", "Bearer \xff", "Bearer é", "Bearer ,"]
)
def test_what_is_no_token_is_unauthorised(hub: People, value: str) -> None:
    sent = f"GET /api/v1/me HTTP/1.1\r\nHost: hub\r\nAuthorization: {value}\r\nConnection: close\r\n\r\n"
    statuses, text = raw(hub.api, sent.encode())

    assert statuses in ([400], [401])
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80@hub", "[::1", "a" * 300, "hub\tevil", "{{7907*7919}}"]
)
@pytest.mark.parametrize("more", [(), ("X-Forwarded-Host: evil.example", "Forwarded: host=evil.example")])
def test_no_host_stands_in_an_answer(hub: People, host: str, more: tuple[str, ...]) -> None:
    for path in ("/api/v1/caseload?limit=1", "/api/v1/openapi.json", "/api/v1/none"):
        statuses, text = raw(hub.api, head(hub.api, *more, path=path, host=host))
        assert statuses[0] in {200, 400, 404}
        assert "evil" not in text
        assert "62615533" not in text


def test_an_absolute_target_is_the_path_in_it(hub: People) -> None:
    statuses, text = raw(hub.api, head(hub.api, path="http://evil.example/api/v1/status"))

    assert statuses in ([400], [403], [404])
    assert "evil" not in text


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/pathways/{NOBODY}%00",
        "/api/v1/pathways/%c0%ae%c0%ae/status",
        "/api/v1/pathways/../status",
        "/api/v1//status",
        "/api/v1/status/",
        "/api/v1/STATUS",
        "/api/v1/status;a=b",
        "/api/v1/%73tatus%20",
        "//api/v1/status",
        "/api/v1/pathways/%ff%fe",
        "/api/v1/pathways/" + "%25" * 200,
        "*",
    ],
)
def test_no_spelling_of_a_path_leads_around_the_checks(hub: People, path: str) -> None:
    statuses, text = raw(hub.api, head(hub.api, path=path))

    assert statuses[0] in {400, 404, 422}
    assert "Traceback" not in text


def test_a_slash_in_another_spelling_leads_to_the_same_check(hub: People) -> None:
    spelled = [raw(hub.api, head(hub.api, path=f"/api/v1/pathways/{NOBODY}{slash}report"))[0] for slash in ("/", "%2F")]

    assert spelled == [[403], [403]]


@pytest.mark.parametrize(
    "spelled",
    [
        NOBODY.replace("0", "\uff10"),
        NOBODY.replace("-", "\u2010"),
        NOBODY.replace("-", ""),
        "{" + NOBODY + "}",
        "urn:uuid:" + NOBODY,
        NOBODY + "\n",
        " " + NOBODY,
        NOBODY.replace("f", "\u1da0"),
    ],
)
def test_an_id_is_spelt_in_one_way(hub: People, spelled: str) -> None:
    answer = hub.api.client(REFERENT).get(ROUTE.format(_quoted(spelled)))

    assert answer.status_code == 422
    assert _quoted(spelled) not in answer.text


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_capital_letters_of_an_id_are_no_other_person(hub: People) -> None:
    client = hub.api.client(REFERENT)
    answer = client.get(ROUTE.format(hub.person_id.upper()))

    assert answer.json()["person_id"] == hub.person_id


def test_who_is_no_proxy_is_believed_nothing(hub: People) -> None:
    headers = {
        "X-Forwarded-For": "10.0.0.1",
        "Forwarded": "for=10.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "X-Original-URL": "/api/v1/status",
    }
    answer = hub.api.client(REFERENT).get("/api/v1/me", headers=headers)

    assert answer.status_code == 200
    assert answer.json()["reader_id"] == REFERENT.reader_id
    assert "10.0.0.1" not in str(hub.api.log)


BODIES = {
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "digits": b'{"family_name":"a","given_name":"b","birth_date":' + b"9" * 100_000 + b"}",
    "a megabyte of digits": b'{"birth_date":' + b"1" * 1_000_000 + b"}",
    "exponent": b'{"birth_date":1e' + b"9" * 10_000 + b"}",
    "nan": b'{"birth_date":NaN}',
    "infinity": b'{"birth_date":-Infinity}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": '{"family_name":"a"}'.encode("utf-16"),
    "overlong": b'{"family_name":"\xc0\xaf"}',
    "lone surrogate": b'{"family_name":"\\ud800","birth_date":"1980-01-01"}',
    "nul": b'{"family_name":"a\\u0000b","birth_date":"1980-01-01"}',
    "comment": b'{/**/"family_name":"a"}',
    "trailing": b'{"family_name":"a"} {"family_name":"b"}',
    "many members": json.dumps({f"m{number}": number for number in range(50_000)}).encode(),
    "many errors": json.dumps({"case": {f"zz{number}": 1 for number in range(10_000)}}).encode(),
    "empty": b" ",
    "null": b"null",
    "list": b"[]",
    "string": b'"zz"',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_made_to_hurt_is_refused_at_once(hub: People, name: str) -> None:
    client = hub.api.client(REFERENT, headers={})
    for path, reader in (
        ("/api/v1/cases/search", REFERENT),
        ("/api/v1/decisions", REFERENT),
        ("/api/v1/events", PUBLISHER),
    ):
        began = time.monotonic()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {hub.api.token(reader)}"}
        answer = client.post(path, content=BODIES[name], headers=headers)
        assert time.monotonic() - began < QUICK_S
        assert answer.status_code in {400, 413, 415, 422}, answer.text
        assert len(answer.content) < 10_000
        assert "zz" not in answer.text


def test_a_member_given_twice_is_not_read_in_one_of_two_ways(hub: People) -> None:
    body = b'{"family_name":"Zola","birth_date":"1980-02-29","family_name":"Verne"}'
    client = hub.api.client(REFERENT)
    answer = client.post("/api/v1/cases/search", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert "Zola" not in answer.text


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_packed_body_is_not_unpacked(hub: People, encoding: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    answer = hub.api.client(REFERENT).post("/api/v1/cases/search", content=bomb, headers=headers)

    assert answer.status_code in {415, 422}


def _strings(schema: dict[str, Any], schemas: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the paths of all members that are texts."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _strings(part, schemas, path)
    if schema.get("type") == "string" and path:
        yield path
    for name, each in schema.get("properties", {}).items():
        yield from _strings(each, schemas, (*path, name))


def _bodies() -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Give each operation's path with an example of its body and each text in it; events have tests of their own."""
    document = Application().openapi()
    schemas = document["components"]["schemas"]
    for path, _, operation in operations_of(document):
        if path.endswith("/events") or "requestBody" not in operation:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        kinds = schema.get("oneOf") or schema.get("anyOf") or [schema]
        for kind in kinds:
            found = schemas[kind["$ref"].rpartition("/")[2]]
            for field in dict.fromkeys(_strings(found, schemas)):
                yield path, found["examples"][0], field


def _with(example: dict[str, Any], field: tuple[str, ...], text: str) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(example))
    inner = changed
    for name in field[:-1]:
        inner = inner.setdefault(name, {})
    inner[field[-1]] = text
    return changed


@pytest.mark.parametrize(
    ("path", "example", "field"), list(_bodies()), ids=lambda each: "/".join(each) if isinstance(each, tuple) else None
)
def test_no_text_is_obeyed_or_repeated(hub: People, path: str, example: dict[str, Any], field: tuple[str, ...]) -> None:
    reader = DPO if "alarms" in path else OPERATOR if "quarantine" in path else REFERENT
    client = hub.api.client(reader)
    for text in MARKERS:
        answer = client.post(
            path.format(person_id=hub.person_id, alarm_no=1, entry_id=1), json=_with(example, field, text)
        )
        assert answer.status_code < 500
        assert "zz" not in answer.text
        assert "62615533" not in answer.text
    assert hub.read(REFERENT)["person_id"] == hub.person_id


def _parameters() -> list[tuple[str, str]]:
    document = Application().openapi()
    return [
        (path, each["name"])
        for path, method, operation in operations_of(document)
        for each in operation.get("parameters", [])
        if method == "get" and each["in"] == "query" and "changes" not in path
    ]


@pytest.mark.parametrize(("path", "name"), _parameters())
def test_no_parameter_is_obeyed_or_repeated(hub: People, path: str, name: str) -> None:
    reader: Reader = DPO if "access" in path or "report" in path else OPERATOR if "quarantine" in path else REFERENT
    client = hub.api.client(reader)
    for text in (*MARKERS, "9" * 5_000, "-1", "1e9", "\u0661", "null", "zz\x00", "0001-01-01T00:00:00+23:59"):
        answer = client.get(path.format(person_id=hub.person_id, event_id=NOBODY), params={name: text})
        assert answer.status_code < 500, (text, answer.text)
        assert answer.status_code < 300 or "zz" not in answer.text
        assert "62615533" not in answer.text


def test_nothing_that_was_sent_stands_in_the_log(hub: People) -> None:
    client = hub.api.client(REFERENT)
    for text in MARKERS:
        client.get("/api/v1/" + _quoted(text), headers={"User-Agent": text, "X-Request-Id": text, "Referer": text})
        client.post("/api/v1/cases/search", json={"family_name": text, "birth_date": text})
    lines = str(hub.api.log)

    assert [text for text in (*MARKERS, "jndi", "DROP") if text in lines] == []

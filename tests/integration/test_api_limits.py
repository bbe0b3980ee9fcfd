"""What a client may send: how much, how deep, how fast and how often; and what every answer carries."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.api.bodies import LARGEST_QUESTION
from hub.domain.access import Reader
from tests.integration.apis import HEAD_TIMEOUT_S, Api, an_api

MOST_BYTES = 4_096
ADVISER = Reader("a", frozenset({"adviser"}), "france_travail", "ft-1")
OTHER = Reader("b", frozenset({"adviser"}), "france_travail", "ft-2")
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    settings: dict[str, Any] = {"api_max_body_bytes": MOST_BYTES, "api_timeout_s": 1}
    with an_api(tmp_path_factory.mktemp("api"), **settings) as api:
        yield api


@contextmanager
def connected(api: Api) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE_S) as connection:
        yield connection


def head(api: Api, method: str = "POST", path: str = "/api/v1/cases/search", **headers: str) -> bytes:
    lines = {"Host": "hub", "Authorization": f"Bearer {api.token(ADVISER)}", **headers}
    written = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{written}\r\n".encode()


def answer(connection: socket.socket) -> tuple[int, str]:
    """Read to the connection's end; give the status and all of the text."""
    parts = []
    while received := connection.recv(65_536):
        parts.append(received)
    text = b"".join(parts).decode()
    return int(text.split()[1]) if text else 0, text


def exchanged(api: Api, sent: bytes) -> tuple[int, str]:
    with connected(api) as connection:
        connection.sendall(sent)
        return answer(connection)


def problem(given: httpx2.Response) -> str:
    assert given.headers["Content-Type"] == "application/problem+json"
    document = given.json()
    assert document["status"] == given.status_code
    return str(document["type"]).removeprefix("urn:parcours-hub:problem:")


def test_a_body_that_says_it_is_too_large_is_refused(api: Api) -> None:
    given = api.client(ADVISER).post("/api/v1/cases/search", content=b" " * (MOST_BYTES + 1))

    assert (given.status_code, problem(given)) == (413, "record_too_large")


def test_a_body_in_chunks_is_refused_once_it_is_too_large(api: Api) -> None:
    chunks = (b" " * 1_000 for _ in range(MOST_BYTES // 1_000 + 1))
    given = api.client(ADVISER).post("/api/v1/cases/search", content=chunks)

    assert (given.status_code, problem(given)) == (413, "record_too_large")


def test_a_body_of_the_largest_size_is_read(api: Api) -> None:
    given = api.client(ADVISER).post(
        "/api/v1/cases/search", content=b"{}".ljust(MOST_BYTES), headers={"Content-Type": "application/json"}
    )

    assert (given.status_code, problem(given)) == (400, "usage")


@pytest.mark.parametrize(
    "content", [b"[" * 2_000, b'{"a":' * 800, b"[" * 900 + b"]" * 900, b'"\\ud800"', b"NaN", b"{,}"]
)
@pytest.mark.parametrize("path", ["/api/v1/cases/search", "/api/v1/events", "/api/v1/intake-lookups"])
def test_a_body_that_no_parser_takes_is_the_clients_mistake(api: Api, content: bytes, path: str) -> None:
    publisher = Reader("p", frozenset({"publisher", "adviser"}), "france_travail", "ft-1", is_system=True)
    given = api.client(publisher).post(path, content=content, headers={"Content-Type": "application/json"})

    assert given.status_code in {400, 403, 422}
    assert problem(given)


def test_deep_nesting_costs_nothing(tmp_path: Path) -> None:
    with an_api(tmp_path) as api:
        began = time.monotonic()
        for content in (b"[" * 8_000_000, b'[{"":' * 1_000_000, b"[" * 100_000 + b"]" * 100_000):
            given = api.client(ADVISER).post(
                "/api/v1/events", content=content, headers={"Content-Type": "application/json"}
            )
            assert (given.status_code, problem(given)) == (422, "invalid_request")
        assert time.monotonic() - began < PATIENCE_S


def test_only_events_may_come_in_large_bodies(tmp_path: Path) -> None:
    with an_api(tmp_path) as api:
        large = b"[" + b"{}," * LARGEST_QUESTION + b"{}]"
        for path, status in {"/api/v1/cases/search": 413, "/api/v1/decisions": 413, "/api/v1/events": 401}.items():
            given = api.client().post(path, content=large, headers={"Content-Type": "application/json"})
            assert given.status_code == status, path


def test_a_head_that_does_not_end_is_not_waited_for(api: Api) -> None:
    began = time.monotonic()
    with connected(api) as connection:
        connection.sendall(b"GET /api/v1/caseload HTTP/1.1\r\nHost: hub\r\n")
        status, text = answer(connection)

    assert status == 408
    assert "request_timeout" in text
    assert HEAD_TIMEOUT_S * 0.9 < time.monotonic() - began < HEAD_TIMEOUT_S * 5


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(api: Api) -> None:
    began = time.monotonic()
    with connected(api) as connection:
        connection.settimeout(0.2)
        given = b""
        for byte in head(api) * 100:
            connection.sendall(bytes([byte]))
            try:
                given += connection.recv(65_536)
            except TimeoutError:
                continue
            break

    assert given.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < HEAD_TIMEOUT_S * 5


def test_who_says_nothing_is_not_waited_for(api: Api) -> None:
    with connected(api) as connection:
        assert answer(connection)[0] == 408


def test_a_body_that_does_not_come_is_not_waited_for(api: Api) -> None:
    with connected(api) as connection:
        connection.sendall(head(api, Content_Length="100", Content_Type="application/json") + b"{")
        status, text = answer(connection)

    assert status == 408
    assert "the request was not received within 1 s" in text
    assert "connection: close" in text


def test_a_head_that_is_too_large_is_refused(api: Api) -> None:
    status, text = exchanged(api, head(api, "GET", X_Large="x" * 70_000))

    assert status == 431
    assert "headers_too_large" in text


def test_a_head_without_an_end_is_refused_before_it_takes_memory(api: Api) -> None:
    with connected(api) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Large: ")
        with pytest.raises(OSError, match=r"reset|[Pp]ipe"):
            connection.sendall(b"x" * 50_000_000)


def test_too_many_headers_are_refused(api: Api) -> None:
    assert exchanged(api, head(api, "GET", **{f"X{number}": "x" for number in range(200)}))[0] == 431


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET\r\n\r\n"]
)
def test_what_is_not_http_is_answered_with_a_problem_too(api: Api, sent: bytes) -> None:
    status, text = exchanged(api, sent)

    assert status == 400
    assert "urn:parcours-hub:problem:malformed_request" in text


@pytest.mark.parametrize(
    "doubtful",
    [
        {"Content_Length": "5", "Transfer_Encoding": "chunked"},
        {"Content_Length": "-1"},
        {"Content_Length": "1e3"},
        {"Transfer_Encoding": "chunked, identity"},
        {"X_Y": "a\x00b"},
    ],
)
def test_a_head_that_two_servers_may_read_differently_is_refused(api: Api, doubtful: dict[str, str]) -> None:
    assert exchanged(api, head(api, **doubtful) + b"0\r\n\r\n")[0] == 400


def test_a_trailer_is_no_header(api: Api) -> None:
    sent = (
        b"POST /api/v1/cases/search HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nAuthorization: Bearer " + api.token(ADVISER).encode()
    )

    status, _ = exchanged(api, sent + b"\r\n\r\n")

    assert status == 401


def test_an_upgrade_is_not_made(api: Api) -> None:
    upgrade = head(api, "GET", "/api/v1/openapi.json", Connection="Upgrade, close", Upgrade="websocket")

    assert exchanged(api, upgrade)[0] == 200


def test_requests_one_after_the_other_on_one_connection_are_answered_in_order(api: Api) -> None:
    one, last = head(api, "GET", "/api/v1/none"), head(api, "GET", "/healthz", Connection="close")
    _, text = exchanged(api, one * 20 + last)

    assert re.findall(r"HTTP/1.1 (\d+)", text) == ["404"] * 20 + ["200"]


def test_a_reader_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    with an_api(tmp_path, api_requests_per_minute=3) as api:
        client = api.client(ADVISER)
        given = [client.get("/api/v1/caseload") for _ in range(4)]

        assert [each.status_code for each in given] == [200, 200, 200, 429]
        assert {each.headers["RateLimit-Policy"] for each in given} == {'"reader";q=3;w=60'}
        left = [re.fullmatch(r'"reader";r=(\d+);t=(\d+)', each.headers["RateLimit"]) for each in given]
        assert [int(each[1]) for each in left if each] == [2, 1, 0, 0]
        assert problem(given[-1]) == "too_many_requests"
        assert 1 <= int(given[-1].headers["Retry-After"]) <= 60
        assert api.client(OTHER).get("/api/v1/caseload").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/caseload", "/api/v1/none", "/api/v1/openapi.json", "/"])
def test_every_answer_is_safe_to_show(api: Api, path: str) -> None:
    given = api.client(ADVISER).get(path, headers={"Origin": "https://other.example"})

    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Referrer-Policy"] == "no-referrer"
    assert given.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "server" not in given.headers
    assert not [name for name in given.headers if name.startswith("access-control")]
    assert "strict-transport-security" not in given.headers


def test_behind_a_proxy_with_tls_answers_ask_for_tls(api: Api) -> None:
    given = api.client(ADVISER).get("/api/v1/caseload", headers={"X-Forwarded-Proto": "https"})

    assert given.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("given_id", ["4bf92f3577b34da6a3ce929d0e0e4736", "01890a5d-0000-7000-8000-000000000001"])
def test_a_requests_id_is_kept_where_it_is_random(api: Api, given_id: str) -> None:
    given = api.client(ADVISER).get("/api/v1/caseload", headers={"X-Request-Id": given_id})

    assert given.headers["X-Request-Id"] == given_id
    assert api.log[-1]["request_id"] == given_id


@pytest.mark.parametrize("given_id", ["jean.martin@exemple.fr", "Dupont", "x" * 32, "-" * 33, ""])
def test_any_other_id_is_replaced(api: Api, given_id: str) -> None:
    given = api.client(ADVISER).get("/api/v1/caseload", headers={"X-Request-Id": given_id})

    assert re.fullmatch("[0-9a-f]{32}", given.headers["X-Request-Id"])
    assert given_id == "" or given_id not in str(api.log[-1])


def test_a_method_that_a_resource_does_not_take_is_answered_with_those_it_takes(api: Api) -> None:
    client = api.client(ADVISER)

    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "POST"):
        given = client.request(method, "/api/v1/caseload")
        assert (given.status_code, problem(given), given.headers["Allow"]) == (405, "method_not_allowed", "GET, HEAD")
    given = client.get("/api/v1/cases/search")
    assert (given.status_code, given.headers["Allow"]) == (405, "POST")


def test_no_header_changes_the_method(api: Api) -> None:
    headers = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"}

    assert api.client(ADVISER).get("/api/v1/cases/search", headers=headers).status_code == 405


def test_head_answers_as_get_does_without_the_body(api: Api) -> None:
    client = api.client(ADVISER)
    got, asked = client.get("/api/v1/caseload"), client.head("/api/v1/caseload")

    assert (asked.status_code, asked.content) == (got.status_code, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
        assert asked.headers[name] == got.headers[name]


def test_what_a_reader_has_already_is_not_sent_again(api: Api) -> None:
    client = api.client(ADVISER)
    got = client.get("/api/v1/caseload")
    again = client.get("/api/v1/caseload", headers={"If-None-Match": f'"other", W/{got.headers["ETag"]}'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == got.headers["ETag"]
    assert got.headers["Vary"] == "Authorization"


def test_a_parameter_that_is_mistyped_or_given_twice_is_not_passed_over(api: Api) -> None:
    client = api.client(ADVISER)

    for query in ("limti=5", "limit=5&limit=6", "limit=5&family_name=Dupont"):
        given = client.get(f"/api/v1/caseload?{query}")
        assert (given.status_code, problem(given)) == (422, "invalid_request")
        assert "Dupont" not in given.text
        assert "family_name" not in given.text


def test_a_line_of_the_log_holds_the_template_and_no_value(api: Api) -> None:
    person = "01890a5d-0000-7000-8000-00000000dead"
    api.client(ADVISER).get(f"/api/v1/pathways/{person}", headers={"Authorization": "Bearer secret-token"})
    line = api.log[-1]

    assert line["route"] == "/api/v1/pathways/{person_id}"
    assert (line["event"], line["method"], line["status"], line["code"]) == ("request", "GET", 401, "token_invalid")
    assert line["ms"] > 0
    assert "dead" not in str(line)
    assert "secret-token" not in str(api.log)


def test_requests_are_counted_by_their_template(api: Api) -> None:
    api.client(ADVISER).get("/api/v1/none/Dupont")
    api.client(ADVISER).get("/api/v1/caseload")
    text = api.client().get("/metrics").text

    assert 'hub_http_requests_total{method="GET",route="/api/v1/caseload",status="200"}' in text
    assert 'hub_http_requests_total{method="GET",route="(none)",status="404"}' in text
    assert "hub_http_requests_in_flight 0.0" in text
    assert "Dupont" not in text


def test_probes_take_no_other_method(api: Api) -> None:
    assert api.client().post("/metrics").status_code == 405
    assert api.client().get("/healthz").text == "alive\n"

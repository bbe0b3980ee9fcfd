"""The server of probes and scrapes answers, whatever its clients do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hub.errors import Usage
from hub.telemetry.serving import DEADLINE_S, THREADS, Page, Server


def unexpected(error: Exception) -> None:
    raise AssertionError("nothing here has a defect") from error


@pytest.fixture
def server() -> Iterator[Server]:
    served = {"/healthz": lambda: Page(200, b"alive\n"), "/big": lambda: Page(200, b"x" * 2**22)}
    server = Server("127.0.0.1", 0, served, unexpected)
    yield server
    server.close()


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 10)


def ask(server: Server, sent: bytes) -> bytes:
    with connect(server) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").read()


def status(reply: bytes) -> int:
    return int(reply.split()[1])


def test_a_page_is_given(server: Server) -> None:
    reply = ask(server, b"GET /healthz?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")

    assert status(reply) == 200
    assert reply.endswith(b"\r\n\r\nalive\n")
    assert b"Content-Length: 6\r\n" in reply


def test_a_head_has_no_body(server: Server) -> None:
    assert ask(server, b"HEAD /healthz HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
        (b"POST /healthz HTTP/1.1\r\n\r\n", 405),
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", 400),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", 400),
        (b"\xff" * 9_000, 400),
        (b"", 400),
    ],
    ids=["unknown", "post", "tls", "long", "bytes", "nothing"],
)
def test_what_is_no_question_for_a_page_is_refused(server: Server, sent: bytes, expected: int) -> None:
    try:
        assert status(ask(server, sent)) == expected
    except OSError:
        assert len(sent) > 8_192, "only who goes on sending may lose the reply"
    assert status(ask(server, b"GET /healthz HTTP/1.1\r\n\r\n")) == 200


def test_clients_that_say_nothing_or_read_nothing_hold_it_no_longer_than_the_deadline(server: Server) -> None:
    with ExitStack() as clients:
        for _ in range(THREADS):
            clients.enter_context(connect(server))
        reader = clients.enter_context(connect(server))
        reader.sendall(b"GET /big HTTP/1.1\r\n\r\n")
        began = time.monotonic()
        reply = ask(server, b"GET /healthz HTTP/1.1\r\n\r\n")

    assert status(reply) == 200
    assert time.monotonic() - began < 3 * DEADLINE_S


def test_its_threads_are_few_and_end_with_it() -> None:
    before = threading.active_count()
    server = Server("127.0.0.1", 0, {}, unexpected)
    assert threading.active_count() == before + THREADS
    server.close()
    assert threading.active_count() == before


def test_a_port_that_is_taken_is_named_with_what_to_set(server: Server) -> None:
    with pytest.raises(Usage, match=rf"127\.0\.0\.1:{server.port} \(Address already in use\); set HUB_METRICS_HOST"):
        Server("127.0.0.1", server.port, {}, unexpected)


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(Usage, match=r"metrics cannot be served on 192\.0\.2\.1:0"):
        Server("192.0.2.1", 0, {}, unexpected)


def test_a_host_may_be_an_ipv6_address() -> None:
    server = Server("::1", 0, {}, unexpected)
    server.close()


def test_a_page_with_a_defect_answers_500_and_no_thread_ends_with_it() -> None:
    def broken() -> Page:
        raise ZeroDivisionError

    defects: list[Exception] = []
    pages = {"/broken": broken, "/odd": lambda: Page(299, b""), "/healthz": lambda: Page(200, b"alive\n")}
    server = Server("127.0.0.1", 0, pages, defects.append)
    try:
        for _ in range(2 * THREADS):
            reply = ask(server, b"GET /broken HTTP/1.1\r\n\r\n")
            assert status(reply) == 500
            assert reply.endswith(b"\r\n\r\na defect of the hub; its log says where\n")
            assert ask(server, b"GET /odd HTTP/1.1\r\n\r\n") == b""
        assert status(ask(server, b"GET /healthz HTTP/1.1\r\n\r\n")) == 200
    finally:
        server.close()
    assert [type(each) for each in defects] == [ZeroDivisionError, KeyError] * (2 * THREADS)

"""The proxy between a test's client and a server: it forwards, cuts, freezes and heals."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.run import Run


@contextlib.contextmanager
def _echo() -> Iterator[int]:
    """A server that sends back what it gets."""

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65_536):
                connection.sendall(data)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()


@pytest.fixture
def proxy(servers_run: Run) -> Iterator[Proxy]:
    with _echo() as server, Proxy(servers_run.free_port(), server) as proxy:
        yield proxy


def _connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def _said(client: socket.socket, data: bytes) -> bytes:
    sender = threading.Thread(target=client.sendall, args=(data,))
    sender.start()
    answer = b""
    while len(answer) < len(data):
        answer += client.recv(65_536)
    sender.join()
    return answer


def test_bytes_pass_both_ways_whole(proxy: Proxy) -> None:
    data = bytes(range(256)) * 20_000
    with _connect(proxy) as client:
        assert _said(client, data) == data
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


def test_a_cut_resets_connections_and_refuses_new_ones_until_healed(proxy: Proxy) -> None:
    with _connect(proxy) as client:
        assert _said(client, b"before") == b"before"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        _connect(proxy)
    proxy.heal()
    with _connect(proxy) as client:
        assert _said(client, b"after") == b"after"


def test_nothing_passes_while_frozen_and_what_was_held_arrives_when_healed(proxy: Proxy) -> None:
    with _connect(proxy) as client:
        assert _said(client, b"before") == b"before"
        proxy.freeze()
        client.sendall(b"held")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        proxy.heal()
        assert client.recv(4) == b"held"


def test_a_frozen_connection_can_be_cut(proxy: Proxy) -> None:
    with _connect(proxy) as client:
        assert _said(client, b"before") == b"before"
        proxy.freeze()
        client.sendall(b"lost")
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_what_clients_say_passes_while_muted_and_the_answer_arrives_when_healed(servers_run: Run) -> None:
    port = servers_run.free_port()
    with socket.create_server(("127.0.0.1", 0)) as listening, Proxy(port, listening.getsockname()[1]) as one:
        client = _connect(one)
        server, _ = listening.accept()
        with client, server:
            one.mute()
            client.sendall(b"asked")
            server.settimeout(10)
            assert server.recv(5) == b"asked"
            server.sendall(b"answered")
            client.settimeout(0.3)
            with pytest.raises(TimeoutError):
                client.recv(1)
            client.settimeout(10)
            one.heal()
            assert client.recv(8) == b"answered"

"""A small HTTP server for probes and scrapes: a few threads, short deadlines, and no page that waits for a database."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from hub.errors import Usage

THREADS = 4
DEADLINE_S = 3.0
"""For reading a request, and again for writing the reply: a slow client holds one of the threads for so long."""
_LARGEST_REQUEST = 8 * 1024
_TEXT = "text/plain; charset=utf-8"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Page(NamedTuple):
    """What a path answers."""

    status: int
    body: bytes
    content_type: str = _TEXT


class Server:
    """Answers GET and HEAD, one request a connection; every failure of a client ends with its connection."""

    def __init__(
        self,
        host: str,
        port: int,
        pages: Mapping[str, Callable[[], Page]],
        defect: Callable[[Exception], object],
    ) -> None:
        """Listen at once; port 0 takes a free one. `defect` is told of what a page raised, which answers 500.

        Raises:
            Usage: the address cannot be had.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=16)
        except (OSError, OverflowError) as error:
            number = getattr(error, "errno", None) or 0
            reason = os.strerror(number) if number > 0 else "no address of this machine"
            raise Usage(
                f"metrics cannot be served on {host}:{port} ({reason}); set HUB_METRICS_HOST and HUB_METRICS_PORT to a "
                "free address, or HUB_METRICS_PORT to 0 to serve none"
            ) from error
        self.port: int = self._socket.getsockname()[1]
        self._pages = pages
        self._defect = defect
        self._threads = [
            threading.Thread(target=self._serve, name=f"metrics {number}", daemon=True) for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Listen no more; a request in hand has until its deadline."""
        # Closing alone would leave the threads in accept().
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(DEADLINE_S)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._socket.fileno() < 0 or not _is_listening(self._socket):
                    return
                time.sleep(0.1)  # no file descriptors left: try again, without turning at full speed
                continue
            with connection:
                self._try(connection)

    def _try(self, connection: socket.socket) -> None:
        """Answer one request, and come back whatever happens: a thread that ends answers no probe any more."""
        try:
            self._answer(connection)
        except OSError:
            pass
        except Exception as error:  # noqa: BLE001 a defect here must not end the thread; it is told
            self._defect(error)

    def _answer(self, connection: socket.socket) -> None:
        method, path = _request(connection)
        page = self._page(method, path)
        head = (
            f"HTTP/1.1 {page.status} {_REASONS[page.status]}\r\nContent-Type: {page.content_type}\r\n"
            f"Content-Length: {len(page.body)}\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n"
        )
        connection.settimeout(DEADLINE_S)
        connection.sendall(head.encode() + (b"" if method == "HEAD" else page.body))
        connection.shutdown(socket.SHUT_WR)

    def _page(self, method: str, path: str) -> Page:
        if not method:
            return Page(400, b"not a request\n")
        if method not in {"GET", "HEAD"}:
            return Page(405, b"GET or HEAD\n")
        page = self._pages.get(path.partition("?")[0])
        if page is None:
            return Page(404, f"there are {', '.join(self._pages)}\n".encode())
        try:
            return page()
        except Exception as error:  # noqa: BLE001 who asks must hear that it failed, and the next one is answered
            self._defect(error)
            return Page(500, b"a defect of the hub; its log says where\n")


def _is_listening(listening: socket.socket) -> bool:
    try:
        return bool(listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _request(connection: socket.socket) -> tuple[str, str]:
    """Read a request's head in time; give its method and path, empty if it is none."""
    until = time.monotonic() + DEADLINE_S
    read = b""
    while b"\r\n\r\n" not in read and b"\n\n" not in read and len(read) < _LARGEST_REQUEST:
        connection.settimeout(max(0.001, until - time.monotonic()))
        received = connection.recv(2_048)
        if not received:
            break
        read += received
    words = read.split(b"\n", 1)[0].decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        return "", ""
    return words[0], words[1]

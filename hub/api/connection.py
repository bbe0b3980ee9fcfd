"""Connections: what the server itself leaves open to a client that is slow, endless or no HTTP at all.

The server's parser takes a head of any size, in any time. Here a head has a deadline and a limit, and whatever is
refused before there is a request is answered with a problem document too.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.api import problems

LARGEST_HEAD = 64 * 1024
MOST_HEADERS = 100
MOST_CONNECTIONS = 4_096


class _TooLarge(Exception):
    """The head is too large."""


class Connection(HttpToolsProtocol):
    """One connection of a client."""

    head_timeout_s: ClassVar[float] = 30.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        """Waiting for a head, or inside one: not while a body is received or an answer is made."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse("too_busy", "the hub has too many connections open; try again later")
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what the client sent, unless its head is endless."""
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._deadline is None:
                self._await_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > LARGEST_HEAD:
            self._refuse_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one behind the body, a trailer, is passed over."""
        if self._in_head:
            super().on_header(name, value)
        if self._is_too_large():
            raise _TooLarge

    def on_headers_complete(self) -> None:
        """Begin the request: the front has the deadline of its body."""
        self._stop_waiting()
        self._in_head = False
        if self._is_too_large():
            raise _TooLarge
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for the next head, which the server's keep-alive timer waits for."""
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or has too many headers."""
        if self.headers is not None and self._is_too_large():  # type: ignore[redundant-expr] # None before a first head
            self._refuse_head()
        else:
            self._refuse("malformed_request", "this is not HTTP/1.1")

    def _is_too_large(self) -> bool:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        return len(self.headers) > MOST_HEADERS or size > LARGEST_HEAD

    def _refuse_head(self) -> None:
        text = f"the head of the request is larger than {LARGEST_HEAD} bytes, or has more than {MOST_HEADERS} headers"
        self._refuse("headers_too_large", text)

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_timeout_s, self._head_is_late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_is_late(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self._refuse("request_timeout", f"no head of a request came within {self.head_timeout_s:g} s")

    def _refuse(self, code: str, text: str) -> None:
        """Answer at once and close, unless another answer is being written."""
        self._stop_waiting()
        has_none = self.cycle is None  # before a first request, whatever the type says
        if not self.transport.is_closing() and (has_none or self.cycle.response_complete):
            self.transport.write(problems.written(code, text))
        self.transport.close()


def connections(head_timeout_s: float) -> type[Connection]:
    """Give the kind of connection whose heads have this deadline."""
    return type("Connection", (Connection,), {"head_timeout_s": head_timeout_s})

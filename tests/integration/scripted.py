"""A server that answers as a test writes it, and what a client waits for and is given."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

CUT = 0
"""Instead of a status: the connection ends without an answer."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Answer(NamedTuple):
    """What the server says."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = MappingProxyType({})


class Heard(NamedTuple):
    """What the server was sent."""

    method: str
    path: str
    authorization: str
    body: bytes


class Scripted:
    """A server that gives the answers of a list, the last one for ever."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.heard: list[Heard] = []
        self._answers = list(answers)
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                heard = Heard(self.command, self.path, self.headers.get("Authorization", ""), body)
                scripted.answer(self, heard)

            do_POST = do_GET  # noqa: N815 the name that http.server calls

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler, heard: Heard) -> None:
        """Give the next answer."""
        self.heard.append(heard)
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if answer.status == CUT:
            handler.close_connection = True
            return
        body = answer.document if isinstance(answer.document, bytes) else json.dumps(answer.document).encode()
        handler.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def run(self) -> None:
        """Answer until it is closed."""
        self._server.serve_forever(poll_interval=0.01)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted(*answers: Answer) -> Iterator[Scripted]:
    server = Scripted(answers)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(10)


class Waits(list[float]):
    """Notes pauses instead of making them, and is a clock that they move on."""

    now_s = 1_000.000_000_4

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        self.now_s += seconds

    def elapsed_s(self) -> float:
        return self.now_s


class Renewed:
    """Has tokens, the next of which counts once one was refused."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.refusals: list[str] = []

    def token(self) -> str:
        return self.tokens[len(self.refusals)]

    def refused(self, token: str) -> bool:
        self.refusals.append(token)
        return True

"""A server on loopback that speaks a schema registry's replies, or whatever a test has it say instead."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_JSON = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True)
class Reply:
    """What the server sends: anything but bytes as JSON. `pieces` are flushed one by one, instead of the content."""

    status: int
    content: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] | None = None


@dataclass(frozen=True)
class Asked:
    """One request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Replies:
    """What to answer: the queued replies first, then what `always` says under `below`, then as Confluent's registry."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.queue: list[Reply] = []
        self.always: Reply | None = None
        self.below = "/"
        self.url = ""
        self._schemas: list[str] = []
        self._subjects: dict[str, list[str]] = {}
        self._levels: dict[str, str] = {}
        self.compatible = True

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if self.queue:
            return self.queue.pop(0)
        if self.always and asked.path.startswith(self.below):
            return self.always
        return self._confluent(asked)

    def holds(self, schema: str) -> int:
        """Make the server hold a schema; give its id, which is far from any released one."""
        if schema not in self._schemas:
            self._schemas.append(schema)
        return 1_000 + self._schemas.index(schema)

    def _confluent(self, asked: Asked) -> Reply:
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["subjects"]:
                return Reply(200, list(self._subjects))
            case "GET", ["schemas", "ids", text]:
                if 1_000 <= int(text) < 1_000 + len(self._schemas):
                    return Reply(200, {"schema": self._schemas[int(text) - 1_000]})
                return Reply(404, {"error_code": 40403, "message": f"Schema {text} not found"})
            case "GET" | "PUT", ["config", subject]:
                return self._config(asked, subject)
            case "POST", ["compatibility", "subjects", subject, "versions", "latest"]:
                if subject not in self._subjects:
                    return Reply(404, {"error_code": 40401, "message": f"Subject '{subject}' not found."})
                return Reply(200, {"is_compatible": self.compatible})
            case "POST", ["subjects", subject, *rest]:
                answer = self._register if rest else self._find
                return answer(subject, asked.body["schema"])
            case _:
                return Reply(404, {"error_code": 404, "message": "HTTP 404 Not Found"})

    def _config(self, asked: Asked, subject: str) -> Reply:
        if asked.method == "PUT":
            self._levels[subject] = asked.body["compatibility"]
            return Reply(200, {"compatibility": self._levels[subject]})
        if subject in self._levels:
            return Reply(200, {"compatibilityLevel": self._levels[subject]})
        text = f"Subject '{subject}' does not have subject-level compatibility configured"
        return Reply(404, {"error_code": 40408, "message": text})

    def _find(self, subject: str, schema: str) -> Reply:
        if subject not in self._subjects:
            return Reply(404, {"error_code": 40401, "message": f"Subject '{subject}' not found."})
        if schema not in self._subjects[subject]:
            return Reply(404, {"error_code": 40403, "message": "Schema not found"})
        version = self._subjects[subject].index(schema) + 1
        return Reply(200, {"subject": subject, "id": self.holds(schema), "version": version, "schema": schema})

    def _register(self, subject: str, schema: str) -> Reply:
        if subject in self._subjects and schema not in self._subjects[subject] and not self.compatible:
            text = f'Schema being registered is incompatible with an earlier schema for subject "{subject}"'
            return Reply(409, {"error_code": 409, "message": text})
        versions = self._subjects.setdefault(subject, [])
        versions += [] if schema in versions else [schema]
        return Reply(200, {"id": self.holds(schema)})


@contextmanager
def replying(tls: ssl.SSLContext | None = None) -> Iterator[Replies]:
    """Serve replies on a free port for the time of a test."""
    replies = Replies()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers), json.loads(body) if body else None)
            reply = replies.reply(asked)
            content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": _JSON, **reply.headers}.items():
                self.send_header(name, value)
            if reply.pieces is None and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for piece in reply.pieces() if reply.pieces else [content]:
                self.wfile.write(piece)
                self.wfile.flush()

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 http.server looks for these names

        def log_message(self, *_: Any) -> None:
            """Tests look at what was asked instead."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that gave up is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        replies.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield replies
        finally:
            server.shutdown()
            thread.join()

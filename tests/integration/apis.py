"""A running API: the application behind a real server on a loopback port, and a client for each reader.

with an_api(tmp_path) as api:
    take(api.hub, events)
    answer = api.client(ADVISER).get("/api/v1/...")
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2

from hub.access.asking import Asked
from hub.access.recording import Entry, Person, Recorder
from hub.api.app import Application, create_app
from hub.api.following import Following
from hub.api.front import Watch
from hub.api.health import alive
from hub.api.server import Server, listening_at
from hub.api.services import Services, Tokens
from hub.domain.access import Reader
from hub.errors import TokenInvalid
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.logs import log_to
from hub.wiring import Hub, now
from hub.wiring.serving import recorder_of, services_of
from tests.integration import engines
from tests.servers.run import wait_until

HEAD_TIMEOUT_S = 2.0
START_S = 30.0
TIMEOUT_S = 60.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client on loopback never needs: without it each one reads all authorities of the machine, for 20 ms."""


class KnownTokens:
    """Knows readers by made-up tokens: `reader_id` is the token."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}

    def token(self, reader: Reader) -> str:
        """Give the token of a reader; readers that share an id but not all else have different ones."""
        token = f"{reader.reader_id}~{len(self._readers)}"
        for known, found in self._readers.items():
            if found == reader:
                return known
        self._readers[token] = reader
        return token

    def reader(self, token: str) -> Reader:
        """Give who a token names."""
        if token not in self._readers:
            raise TokenInvalid("the token is none that this hub knows")
        return self._readers[token]

    def ready(self) -> None:
        """Answer."""


class Noted:
    """Keeps the entries of the access log in memory, and never slows anyone."""

    def __init__(self) -> None:
        self.entries: list[tuple[Asked, Entry]] = []
        self.reasons: set[tuple[str, Person]] = set()

    def record(self, asked: Asked, entry: Entry, now: datetime) -> int:
        """Keep an entry."""
        self.entries.append((asked, entry))
        return len(self.entries)

    def has_reason(self, connection: Any, reader: Reader, person: Person, now: datetime) -> bool:
        """Tell whether the test stated a reason."""
        return (reader.reader_id, person) in self.reasons

    def reason_counts_until(self, now: datetime) -> datetime:
        """Give until when a reason stated now counts."""
        return now + timedelta(hours=1)

    def left(self, connection: Any, reader: Reader, now: datetime) -> None:
        """Count nobody."""


class Api:
    """A running API with its hub; `stop` tells the server to end, as a signal does."""

    following: Following
    stop: Callable[[], None]

    def __init__(
        self, hub: Hub, app: Application, services: Services, known: KnownTokens, port: int, lines: StringIO
    ) -> None:
        self.hub = hub
        self.app = app
        self.services = services
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._known = known
        self._lines = lines
        self._clients = ExitStack()

    def client(self, reader: Reader | None = None, *, token: str | None = None, **options: Any) -> httpx2.Client:
        """Give a client that sends a reader's token, the given token, or none."""
        if reader is not None:
            token = self._known.token(reader)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        given = {"base_url": self.url, "headers": headers, "timeout": TIMEOUT_S, "trust_env": False, "verify": NO_TLS}
        return self._clients.enter_context(httpx2.Client(**{**given, **options}))

    def token(self, reader: Reader) -> str:
        """Give the made-up token of a reader."""
        return self._known.token(reader)

    @property
    def log(self) -> list[dict[str, Any]]:
        """Give the lines of its log so far."""
        return [json.loads(line) for line in self._lines.getvalue().splitlines()]

    def close(self) -> None:
        """Close every client."""
        self._clients.close()


@contextmanager
def an_api(
    folder: Path,
    *,
    clock: Callable[[], datetime] = now,
    tokens: Tokens | None = None,
    recorder: Recorder | None = None,
    **settings: Any,
) -> Iterator[Api]:
    """Make an installation in a folder, on the servers of the `engine` fixture if it is asked for, and serve it.

    Args:
        tokens: what verifies tokens, instead of the made-up ones of `Api.client(reader)`.
        recorder: the access log, instead of the hub's own: `Noted()` keeps entries in memory and stops nobody.
        settings: further settings, by name.
    """
    data = folder / "data"
    try:
        engines.create(data, **settings).close()
        with Hub(engines.settings(data, **settings), clock) as hub, serving(hub, tokens, recorder) as api:
            yield api
    finally:
        engines.forget(data)


@contextmanager
def serving(hub: Hub, tokens: Tokens | None = None, recorder: Recorder | None = None) -> Iterator[Api]:
    """Serve an open hub."""
    known = KnownTokens()
    ended, lines = threading.Event(), StringIO()
    metrics = ApiMetrics(version="0")
    watch = Watch(log_to(lines, as_json=True, now=now), metrics, {"/healthz": alive, "/metrics": metrics.page})
    services = services_of(hub, tokens or known, recorder or recorder_of(hub, watch), watch, ended.is_set)
    app = create_app(services)
    server = Server(app, stopping=ended.set, proxies="127.0.0.1", head_timeout_s=HEAD_TIMEOUT_S, threads=8)
    with listening_at("127.0.0.1", 0) as listening, _answering(server, listening):
        api = Api(hub, app, services, known, listening.getsockname()[1], lines)
        api.following = app.state.following
        api.stop = lambda: setattr(server, "should_exit", True)
        try:
            yield api
        finally:
            api.close()


@contextmanager
def _answering(server: Server, listening: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="api", daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), deadline_s=START_S, what="the API's start")
        assert server.started
        yield
    finally:
        server.should_exit = True
        with suppress(RuntimeError):
            thread.join(START_S)
        assert not thread.is_alive(), "the API did not stop"

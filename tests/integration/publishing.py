"""An API in a process of its own, which dies at a moment of its first append: `python -m tests.integration.publishing`.

It says its port on its standard output and takes made-up tokens.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import httpx2

from hub.api.app import create_app
from hub.api.front import Watch
from hub.api.server import Server, listening_at
from hub.codec.avro import Codec
from hub.domain.access import Reader
from hub.log.port import Message, Producer, TopicPartition
from hub.privacy.sealing import keyed_hash
from hub.producers.publisher import Publisher
from hub.producers.submissions import Submissions
from hub.settings import Settings
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.logs import log_to
from hub.wiring import Hub, now
from hub.wiring.serving import recorder_of, services_of
from tests.integration import engines
from tests.integration.apis import KnownTokens
from tests.integration.submitting import OF_CE, OF_FT

ROOT = Path(__file__).parents[2]
Moment = Literal["never", "before the append", "after the append"]


class Deadly(NamedTuple):
    """A producer that ends the process at a moment of an append."""

    producer: Producer
    moment: Moment

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        if self.moment == "before the append":
            os.kill(os.getpid(), signal.SIGKILL)
        places = self.producer.append(messages)
        if self.moment == "after the append":
            os.kill(os.getpid(), signal.SIGKILL)
        return places

    def close(self) -> None:
        self.producer.close()


def tokens() -> KnownTokens:
    known = KnownTokens()
    for reader in (OF_FT, OF_CE):
        known.token(reader)
    return known


def serve(settings: Settings, moment: Moment) -> None:
    with Hub(settings) as hub, listening_at("127.0.0.1", 0) as listening:
        watch = Watch(log_to(sys.stderr, as_json=True, now=now), ApiMetrics(version="0"), {})
        services = services_of(hub, tokens(), recorder_of(hub, watch), watch, lambda: False)

        def connect() -> Publisher:
            key = hub.master.derive("topic-token")
            deadly = Deadly(hub.producer(), moment)
            return Publisher(deadly, hub.registry, token_key=key, sleep=lambda _: None, attempts=1)

        mac = keyed_hash(hub.master.derive("content-mac"))
        submissions = Submissions(hub.store, connect, Codec(hub.registry), mac, hub.now)
        app = create_app(dataclasses.replace(services, submissions=submissions))
        print(listening.getsockname()[1], flush=True)  # noqa: T201 what the test waits for
        Server(app, stopping=lambda: None, proxies="", head_timeout_s=2, threads=8).run(sockets=[listening])


class Process(NamedTuple):
    """The tests' side of such a process."""

    process: subprocess.Popen[str]
    url: str

    @contextmanager
    def client(self, reader: Reader = OF_FT) -> Iterator[httpx2.Client]:
        """Give a client that sends a reader's token."""
        headers = {"Authorization": f"Bearer {tokens().token(reader)}"}
        with httpx2.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False) as client:
            yield client


@contextmanager
def a_process(data: Path, moment: Moment = "never") -> Iterator[Process]:
    """Serve the hub of a data directory in a process of its own, from when it listens until the end of the block."""
    command = [sys.executable, "-m", "tests.integration.publishing", json.dumps(engines.given(data)), moment]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, "it did not start"
        try:
            yield Process(process, f"http://127.0.0.1:{port}")
        finally:
            process.kill()


if __name__ == "__main__":
    given, at = sys.argv[1:]
    assert at in get_args(Moment)
    threading.current_thread().name = "api"
    serve(Settings(**json.loads(given)), at)  # type: ignore[arg-type] # it is one of them

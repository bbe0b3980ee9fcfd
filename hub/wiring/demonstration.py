"""A demonstration on one machine: the process that serves the pages also takes in what they decide."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from hub.consumers.worker import Worker
from hub.errors import HubError
from hub.telemetry.logs import Log
from hub.wiring.hub import Hub

_END_S = 10.0


@contextmanager
def consuming(hub: Hub, log: Log) -> Iterator[None]:
    """Take in what the log holds for as long as this is entered, in a thread of its own."""
    ended = threading.Event()

    def work() -> None:
        worker = Worker(
            hub.ingest,
            log,
            is_stopped=ended.is_set,
            stepped=lambda: None,
            waiting=lambda _: None,
            failed=lambda _: None,
            sleep=time.sleep,
            closing=nullcontext,
        )
        try:
            worker.run()
        except HubError as error:
            log.error("consuming_failed", error=error)  # noqa: TRY400 a text that says what to do needs no stack

    thread = threading.Thread(target=work, name="consuming", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_END_S)

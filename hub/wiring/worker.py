"""A worker with its telemetry: log, metrics, health, watchdog and traces around one ingest loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import version
from typing import TextIO

from hub.consumers.ingest import Counts
from hub.consumers.surveying import Surveyor
from hub.consumers.worker import Worker
from hub.domain.topics import INBOUND
from hub.telemetry.batchlog import BatchLog
from hub.telemetry.health import Health
from hub.telemetry.libraries import routed
from hub.telemetry.logs import Log, log_to
from hub.telemetry.metrics import Metrics, pages
from hub.telemetry.places import of_traceback
from hub.telemetry.serving import Server
from hub.telemetry.tracing import BatchTrace
from hub.telemetry.watchdog import Watchdog, within
from hub.telemetry.watching import Sink, Watch
from hub.wiring.hub import Hub
from hub.wiring.traces import traced

CLOSE_WITHIN_S = 15.0
"""For leaving Kafka's group: shorter than the 20 s that a worker has to stop."""


def work(hub: Hub, log: Log, is_stopped: Callable[[], bool]) -> Counts:
    """Take in what the log holds and wait for more, until a stop is asked for.

    Raises:
        Usage: the metrics' address is taken.
        HubError: one that only a person can mend.
    """
    settings = hub.settings
    health = Health(time.monotonic, settings.watchdog_s)
    metrics = Metrics(time.time, version=version("parcours-hub"))
    lines = BatchLog(log, time.monotonic)
    sinks: list[Sink] = [health, metrics, lines]

    def stepped() -> None:
        health.stepped()
        metrics.stepped()

    with ExitStack() as around:
        around.enter_context(routed(log))
        if tracer := around.enter_context(traced()):
            sinks.append(BatchTrace(tracer, settings.kafka_group))
        if settings.metrics_port:
            around.enter_context(_served(hub, metrics, health, log))
        around.enter_context(Watchdog(health, log, os._exit))
        around.callback(lines.flush)
        observer = Watch(
            sinks,
            time.perf_counter_ns,
            time.time_ns,
            lambda error: log.error("telemetry_failed", error=error, stack=of_traceback(error.__traceback__)),
        )
        worker = Worker(
            lambda: hub.ingest(observer=observer),
            log,
            is_stopped=is_stopped,
            stepped=stepped,
            waiting=health.waiting,
            failed=metrics.failed,
            sleep=time.sleep,
            closing=lambda: within(CLOSE_WITHIN_S, log, os._exit),
        )
        return worker.run()


@contextmanager
def _served(hub: Hub, metrics: Metrics, health: Health, log: Log) -> Iterator[None]:
    """Serve metrics and health, and look at stores and log for them."""
    server = Server(hub.settings.metrics_host, hub.settings.metrics_port, pages(metrics, health))
    with closing(server), Surveyor(hub.store, hub.admin, INBOUND, metrics, health, log, now=hub.now):
        yield


def worker_log(hub: Hub, stream: TextIO) -> tuple[Log, bool]:
    """Give the log of a worker, and whether it writes JSON: as the settings say, else where no one sits before it."""
    form = hub.settings.log_format
    as_json = form == "json" or (form == "auto" and not stream.isatty())
    return log_to(stream, as_json=as_json, now=hub.now), as_json

"""A worker with its telemetry: log, metrics, health, watchdog and traces around one ingest loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Generic, TextIO, TypeVar

from hub.consumers.ingest import Counts, Ingest
from hub.consumers.surveying import Surveyor
from hub.consumers.worker import Loop, Worker
from hub.domain.topics import INBOUND
from hub.settings import Settings
from hub.telemetry.batchlog import BatchLog
from hub.telemetry.health import Health
from hub.telemetry.libraries import routed
from hub.telemetry.logs import Log, log_to
from hub.telemetry.metrics import Metrics, pages
from hub.telemetry.observer import Observer
from hub.telemetry.places import of_traceback
from hub.telemetry.serving import Server
from hub.telemetry.tracing import BatchTrace
from hub.telemetry.watchdog import Watchdog, within
from hub.telemetry.watching import Sink, Watch
from hub.wiring.encryption import warn_of_clear_text
from hub.wiring.hub import Hub
from hub.wiring.machine import now
from hub.wiring.outdated import warn_of_outdated
from hub.wiring.traces import traced

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

L = TypeVar("L", bound=Loop)

CLOSE_WITHIN_S = 15.0
"""For leaving Kafka's group: shorter than the 20 s that a worker has to stop."""


def work(
    settings: Settings, log: Log, is_stopped: Callable[[], bool], began: Callable[[], object] = lambda: None
) -> Counts:
    """Open the hub, take in what the log holds and wait for more, until a stop is asked for.

    Args:
        began: told when the hub is open, or is waited for.

    Raises:
        Usage: the metrics' address is taken.
        HubError: one that only a person can mend.
    """
    health = Health(time.monotonic, settings.watchdog_s)
    metrics = Metrics(time.time, version=version("parcours-hub"))
    lines = BatchLog(log, time.monotonic)
    with ExitStack() as around:
        tracer = around.enter_context(attended(settings, log, health, metrics))
        around.callback(lines.flush)
        sinks: list[Sink] = [health, metrics, lines]

        def opened(hub: Hub) -> Ingest:
            observed = [*sinks, BatchTrace(tracer, hub.group)] if tracer else sinks
            warn_of_outdated(hub.store, log)
            return hub.ingest(observer=_observer(observed, log))

        start = Start(settings, opened, lambda hub: surveyed(hub, metrics, health, log), around)
        ingest = working(start, log, health, metrics, is_stopped, began)
    return ingest.counts if ingest else Counts()


@contextmanager
def attended(settings: Settings, log: Log, health: Health, metrics: Metrics) -> Iterator[Tracer | None]:
    """Log what libraries say, serve metrics and health, send traces, and end a process that hangs; give the tracer.

    Raises:
        Usage: the metrics' address is taken.
    """
    with ExitStack() as around:
        around.enter_context(routed(log, time.monotonic))
        warn_of_clear_text(settings, log)
        tracer = around.enter_context(traced())
        if settings.metrics_port:
            served = pages(metrics, health)
            server = Server(settings.metrics_host, settings.metrics_port, served, lambda error: _failed(log, error))
            around.enter_context(closing(server))
        around.enter_context(Watchdog(health, log, os._exit))
        yield tracer


def working(
    start: Callable[[], L],
    log: Log,
    health: Health,
    metrics: Metrics,
    is_stopped: Callable[[], bool],
    began: Callable[[], object],
) -> L | None:
    """Keep a loop going until a stop is asked for; give it, closed, or None where it was never opened."""

    def started() -> L:
        loop = start()
        began()
        return loop

    def failed(code: str) -> None:
        began()
        metrics.failed(code)

    def stepped() -> None:
        health.stepped()
        metrics.stepped()

    return Worker(
        started,
        log,
        is_stopped=is_stopped,
        stepped=stepped,
        waiting=health.waiting,
        failed=failed,
        sleep=time.sleep,
        closing=lambda: within(CLOSE_WITHIN_S, log, os._exit),
    ).run()


class Start(Generic[L]):
    """Opens the hub once its stores answer, then a loop of it; what is open stays so when the next part fails."""

    def __init__(
        self,
        settings: Settings,
        opened: Callable[[Hub], L],
        surveyed: Callable[[Hub], AbstractContextManager[None]],
        around: ExitStack,
    ) -> None:
        self._settings = settings
        self._opened = opened
        self._surveyed = surveyed
        self._around = around
        self._hub: Hub | None = None

    def __call__(self) -> L:
        """Open what is not open yet."""
        if self._hub is None:
            hub = self._around.enter_context(Hub(self._settings))
            if self._settings.metrics_port:
                self._around.enter_context(self._surveyed(hub))
            self._hub = hub
        return self._opened(self._hub)


def _observer(sinks: list[Sink], log: Log) -> Observer:
    return Watch(sinks, time.perf_counter_ns, time.time_ns, lambda error: _failed(log, error))


def _failed(log: Log, error: Exception) -> None:
    log.error("telemetry_failed", error=error, stack=of_traceback(error.__traceback__))


def surveyed(hub: Hub, metrics: Metrics, health: Health, log: Log) -> AbstractContextManager[None]:
    """Look at stores and log for metrics and health."""
    return Surveyor(hub.store, hub.admin, INBOUND, metrics, health, log, now=hub.now)


def worker_log(settings: Settings, stream: TextIO) -> tuple[Log, bool]:
    """Give the log of a worker, and whether it writes JSON: as the settings say, else where no one sits before it."""
    form = settings.log_format
    as_json = form == "json" or (form == "auto" and not stream.isatty())
    return log_to(stream, as_json=as_json, now=now), as_json

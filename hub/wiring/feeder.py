"""A feeder with its telemetry: what a worker has around its loop, around that of the outbound feed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version

from hub.consumers.outbound import Told
from hub.settings import Settings
from hub.telemetry.feedmetrics import FeedMetrics
from hub.telemetry.health import Health
from hub.telemetry.logs import Log
from hub.telemetry.metrics import Metrics
from hub.wiring.worker import Start, attended, surveyed, working

LOG_EVERY_S = 10.0


def feed(
    settings: Settings, log: Log, is_stopped: Callable[[], bool], began: Callable[[], object] = lambda: None
) -> Told:
    """Open the hub and tell the networks what changes, until a stop is asked for.

    Args:
        began: told when the hub is open, or is waited for.

    Raises:
        Usage: the metrics' address is taken.
        HubError: one that only a person can mend.
    """
    health = Health(time.monotonic, settings.watchdog_s)
    metrics = Metrics(time.time, version=version("parcours-hub"))
    with ExitStack() as around:
        around.enter_context(attended(settings, log, health, metrics))
        told = _Telling(log, FeedMetrics(metrics.registry))
        around.callback(told.flush)
        opened = Start(
            settings,
            lambda hub: hub.feed(told=told.stepped),
            lambda hub: surveyed(hub, metrics, health, log),
            around,
        )
        loop = working(opened, log, health, metrics, is_stopped, began)
    return loop.counts if loop else Told()


class _Telling:
    """Counts what a feed did since it was last asked, for metrics and for the log."""

    def __init__(self, log: Log, metrics: FeedMetrics) -> None:
        self._log = log
        self._metrics = metrics
        self._before: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._since = time.monotonic()

    def stepped(self, counts: Told) -> None:
        """Note a step."""
        now = Counter(asdict(counts))
        new = now - self._before
        self._before = now
        self._sums += new
        self._metrics.told(new)
        if time.monotonic() - self._since >= LOG_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write the sums so far."""
        if self._sums:
            self._log.info("told", **self._sums, seconds=round(time.monotonic() - self._since, 3))
        self._sums.clear()
        self._since = time.monotonic()

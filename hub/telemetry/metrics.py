"""Metrics in Prometheus' form, in a registry of their own. Labels are topics, partitions, codes: never a person's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from hub.telemetry.health import Health
from hub.telemetry.serving import Page
from hub.telemetry.watching import Taken

PARTS = ("store", "log", "registry")
_BATCH_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
_BATCH_RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 8_000)


class Metrics:
    """What a worker counts and measures: its own work, and what is looked up of stores and log from time to time.

    Args:
        now_s: seconds since 1970 UTC.
    """

    def __init__(self, now_s: Callable[[], float], *, version: str) -> None:
        self._now_s = now_s
        self._away: set[str] = set()
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        build = Gauge("hub_build_info", "The program's version", ["version", "python"], registry=registry)
        build.labels(version, ".".join(map(str, sys.version_info[:3]))).set(1)
        self._of_work(registry)
        self._of_batches(registry)
        self._of_backlog(registry)
        self._of_stores(registry)

    def _of_work(self, registry: CollectorRegistry) -> None:
        self._records = Counter(
            "hub_records", "Records taken, by what became of them", ["topic", "disposition"], registry=registry
        )
        self._conflicting = Counter(
            "hub_content_conflicts",
            "Records that repeat an event id with other content: incidents, held in quarantine",
            ["topic"],
            registry=registry,
        )
        self._refused = Counter(
            "hub_records_refused", "Records that broke the contract, by why", ["reason"], registry=registry
        )
        self._retries = Counter(
            "hub_retries", "What was tried again, by the error's code", ["cause"], registry=registry
        )
        self._conflicts = Counter(
            "hub_worker_conflicts",
            "Batches given up or tried again because another worker was faster",
            ["cause"],
            registry=registry,
        )
        self._last_step = Gauge(
            "hub_last_step_timestamp_seconds",
            "When the loop last finished a step, or the worker started",
            registry=registry,
        )
        # 0 would be 1970: a worker that waits at its start would look stuck for decades.
        self._last_step.set(self._now_s())

    def _of_batches(self, registry: CollectorRegistry) -> None:
        self._batches = Counter("hub_batches", "Batches committed", ["topic"], registry=registry)
        self._batch_seconds = Histogram(
            "hub_batch_seconds",
            "Time from a batch's first record judged to its commit",
            buckets=_BATCH_SECONDS,
            registry=registry,
        )
        self._batch_records = Histogram(
            "hub_batch_records", "Records of a batch", buckets=_BATCH_RECORDS, registry=registry
        )
        self._stages = Counter(
            "hub_stage_seconds", "Time spent polling, judging, committing", ["stage"], registry=registry
        )
        self._stage = {name: self._stages.labels(name) for name in ("poll", "judge", "commit")}

    def _of_backlog(self, registry: CollectorRegistry) -> None:
        places = ["topic", "partition"]
        self._lag_events = Gauge("hub_lag_events", "Records of the log still to read", places, registry=registry)
        self._lag_seconds = Gauge(
            "hub_lag_seconds",
            "Age of the next record to read, 0 when there is none, left out when not known",
            places,
            registry=registry,
        )
        self._held = Gauge("hub_quarantine_held", "Records held in quarantine, by why", ["reason"], registry=registry)
        self._oldest = Gauge(
            "hub_quarantine_oldest_seconds", "Age of the oldest record held, 0 when there is none", registry=registry
        )

    def _of_stores(self, registry: CollectorRegistry) -> None:
        self._position = Gauge("hub_ledger_position", "Position of the ledger's last event", registry=registry)
        self._rebuilding = Gauge(
            "hub_rebuild_running", "1 while a generation of the read model is built", registry=registry
        )
        self._rebuilt = Gauge(
            "hub_rebuild_done",
            "Case records read from the ledger (heard) and laid out in rows (laid_out) so far",
            ["phase"],
            registry=registry,
        )
        self._to_rebuild = Gauge("hub_rebuild_total", "Case records to rebuild", registry=registry)
        self._rebuild_seconds = Gauge("hub_rebuild_seconds", "Time since the rebuild began", registry=registry)
        self._available = Gauge(
            "hub_available", "1 when store, log, registry answered last time", ["part"], registry=registry
        )
        for part in PARTS:
            self._available.labels(part).set(1)

    def polled(self, records: int, seconds: float) -> None:
        """Count a poll's time."""
        self._stage["poll"].inc(seconds)

    def retried(self, topic: str, partition: int, code: str) -> None:
        """Count what is tried again within a step."""
        self._retries.labels(code).inc()
        if code == "event_conflict":
            self._conflicts.labels(code).inc()

    def overtaken(self, topic: str, partition: int) -> None:
        """Count a batch that another worker took."""
        self._conflicts.labels("offset_conflict").inc()

    def taken(self, batch: Taken) -> None:
        """Count a batch."""
        dispositions = (
            ("accepted", batch.accepted),
            ("duplicate", batch.duplicates),
            ("quarantined", batch.quarantined),
        )
        for disposition, count in dispositions:
            if count:
                self._records.labels(batch.topic, disposition).inc(count)
        for refused in batch.refused:
            self._refused.labels(refused.reason).inc()
        if batch.conflicts:
            self._conflicting.labels(batch.topic).inc(batch.conflicts)
        self._batches.labels(batch.topic).inc()
        self._batch_records.observe(len(batch.records))
        self._batch_seconds.observe((batch.judge_ns + batch.commit_ns) / 1e9)
        self._stage["judge"].inc(batch.judge_ns / 1e9)
        self._stage["commit"].inc(batch.commit_ns / 1e9)

    def stepped(self) -> None:
        """A step was finished: what it failed for answers again."""
        self._last_step.set(self._now_s())
        while self._away:
            self._available.labels(self._away.pop()).set(1)

    def failed(self, code: str) -> None:
        """A step failed, and the loop waits to try again."""
        self._retries.labels(code).inc()
        if (part := code.removesuffix("_unavailable")) in PARTS:
            self._available.labels(part).set(0)
            self._away.add(part)

    def answered(self, part: str, *, is_well: bool) -> None:
        """A part answered, or did not."""
        self._available.labels(part).set(is_well)

    def backlog(self, topic: str, partition: int, lag_events: int, next_appended_ms: int | None) -> None:
        """Set a partition's lag; no age where its next record's time is not known."""
        self._lag_events.labels(topic, partition).set(lag_events)
        if not lag_events:
            self._lag_seconds.labels(topic, partition).set(0)
        elif next_appended_ms is not None:
            self._lag_seconds.labels(topic, partition).set(max(0.0, self._now_s() - next_appended_ms / 1000))
        else:
            self._lag_seconds.remove(topic, partition)

    def held(self, by_reason: Mapping[str, int], oldest_s: float) -> None:
        """Set what is in quarantine."""
        self._held.clear()
        for reason, count in by_reason.items():
            self._held.labels(reason).set(count)
        self._oldest.set(oldest_s)

    def ledger(self, position: int) -> None:
        """Set the ledger's last position."""
        self._position.set(position)

    def rebuilding(self, heard: int, laid_out: int, total: int, seconds: float) -> None:
        """Set how far a rebuild is."""
        self._rebuilding.set(1)
        self._rebuilt.labels("heard").set(heard)
        self._rebuilt.labels("laid_out").set(laid_out)
        self._to_rebuild.set(total)
        self._rebuild_seconds.set(seconds)

    def not_rebuilding(self) -> None:
        """No rebuild runs."""
        self._rebuilt.clear()
        for gauge in (self._rebuilding, self._to_rebuild, self._rebuild_seconds):
            gauge.set(0)

    def page(self) -> Page:
        """Write all metrics, from memory alone."""
        return Page(200, generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4)


def pages(metrics: Metrics, health: Health) -> dict[str, Callable[[], Page]]:
    """Give the pages of a worker."""

    def alive() -> Page:
        answer = health.alive()
        return Page(200 if answer.is_well else 503, f"{answer.text}\n".encode())

    def ready() -> Page:
        answer = health.ready()
        return Page(200 if answer.is_well else 503, f"{answer.text}\n".encode())

    return {"/metrics": metrics.page, "/healthz": alive, "/readyz": ready}

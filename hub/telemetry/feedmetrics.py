"""Metrics of the outbound feed, beside those of every worker."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter


class FeedMetrics:
    """What a feeder counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter("hub_feed_events", "Events of the ledger that the feed passed", registry=registry)
        self._updates = Counter(
            "hub_feed_updates",
            "Updates for the networks: appended, tombstones appended, or withheld from their only author",
            ["kind"],
            registry=registry,
        )
        self._overtaken = Counter(
            "hub_feed_overtaken", "Looks that were in vain since another feeder was faster", registry=registry
        )
        for kind in ("updates", "tombstones", "withheld"):
            self._updates.labels(kind)

    def told(self, counts: Mapping[str, int]) -> None:
        """Add what a step did."""
        self._events.inc(counts.get("events", 0))
        self._overtaken.inc(counts.get("overtaken", 0))
        for kind in ("updates", "tombstones", "withheld"):
            self._updates.labels(kind).inc(counts.get(kind, 0))

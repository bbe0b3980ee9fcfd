"""Metrics of the API, in a registry of their own. Labels are templates of routes, codes, parts: never a person's."""

from __future__ import annotations

import sys

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from hub.telemetry.serving import Page

UNROUTED = "(none)"
"""The route of a request that no operation answers: its path is the client's text."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class ApiMetrics:
    """What one process of the API counts and measures."""

    def __init__(self, *, version: str) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        build = Gauge("hub_build_info", "The program's version", ["version", "python"], registry=registry)
        build.labels(version, ".".join(map(str, sys.version_info[:3]))).set(1)
        self._requests = Counter(
            "hub_http_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "hub_http_request_seconds",
            "Time from a request's head to the end of its answer; of a stream, to its head",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("hub_http_requests_in_flight", "Requests being answered now", registry=registry)
        self.followers = Gauge("hub_followers", "Open streams of changes", registry=registry)
        self._alarms = Counter(
            "hub_access_alarms", "Readings refused for their volume: slowed, stopped", ["outcome"], registry=registry
        )
        self._published = Counter(
            "hub_http_events", "Events that came over HTTP, by what became of them", ["result"], registry=registry
        )
        self._available = Gauge(
            "hub_available", "1 when store, keys, issuer, log answered last time", ["part"], registry=registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(method if method in _METHODS else "OTHER", route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def alarmed(self, outcome: str) -> None:
        """Count a reader who was slowed or stopped."""
        self._alarms.labels(outcome).inc()

    def published(self, result: str, count: int = 1) -> None:
        """Count events by what became of them: `accepted`, or the code of their refusal."""
        self._published.labels(result).inc(count)

    def available(self, part: str, *, is_well: bool) -> None:
        """A part answered, or did not."""
        self._available.labels(part).set(is_well)

    def page(self) -> Page:
        """Write all metrics, from memory alone."""
        return Page(200, generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4)

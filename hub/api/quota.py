"""The pace of requests: how many each reader makes in a minute, in this process."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from threading import Lock
from typing import NamedTuple

WINDOW_S = 60
_READERS = 10_000
"""Readers remembered before those whose minute is over are forgotten."""


class Left(NamedTuple):
    """What is left to a reader, and in how many seconds the whole quota is theirs again; below 0 there is nothing."""

    requests: int
    reset_s: int


class Quota:
    """Counts requests by reader; threads may share it.

    Args:
        per_window: how many requests one reader may make in `WINDOW_S`.
        elapsed_s: a monotonic clock.
    """

    def __init__(self, per_window: int, elapsed_s: Callable[[], float]) -> None:
        self.per_window = per_window
        self._elapsed_s = elapsed_s
        self._lock = Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, reader_id: str) -> Left:
        """Count a request of a reader."""
        now_s = self._elapsed_s()
        with self._lock:
            began_s, used = self._windows.get(reader_id, (now_s, 0))
            if now_s - began_s >= WINDOW_S:
                began_s, used = now_s, 0
            self._windows[reader_id] = began_s, used + 1
            if len(self._windows) > _READERS:
                self._forget(now_s)
        return Left(self.per_window - used - 1, max(1, ceil(began_s + WINDOW_S - now_s)))

    def _forget(self, now_s: float) -> None:
        self._windows = {name: found for name, found in self._windows.items() if now_s - found[0] < WINDOW_S}


def fields(quota: int, left: Left) -> dict[str, str]:
    """Write what is left as the IETF's draft-ietf-httpapi-ratelimit-headers-10 has it."""
    return {
        "RateLimit-Policy": f'"reader";q={quota};w={WINDOW_S}',
        "RateLimit": f'"reader";r={max(0, left.requests)};t={left.reset_s}',
    }

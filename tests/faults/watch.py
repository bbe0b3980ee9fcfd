"""Watching from outside what workers have committed, and when."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Self

from hub.errors import StoreUnavailable
from hub.ledger import offsets
from hub.ledger.database import reading
from hub.log.port import TopicPartition
from hub.wiring import Hub

EVERY_S = 0.03

Positions = Mapping[TopicPartition, int]


def reaches(found: Positions, wanted: Positions) -> bool:
    """Tell whether every partition is as far as wanted."""
    return all(found.get(partition, 0) >= offset for partition, offset in wanted.items())


class Watch:
    """Reads the stored offsets again and again in a thread of its own, and keeps each look with its moment."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._looks: list[tuple[float, Positions]] = []
        self._is_over = Event()
        self._thread = ThreadPoolExecutor(1)
        self._watching = self._thread.submit(self._watch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.shutdown()
        self._watching.result()

    @property
    def positions(self) -> Positions:
        """The stored offsets as they were seen last."""
        return self._looks[-1][1] if self._looks else {}

    def first_batch(self, since: float) -> float:
        """Give how many seconds after a moment the first batch was committed, seen from the first look after it."""
        looks = self._since(since)
        return next(moment for moment, found in looks if found != looks[0][1]) - since

    def has_moved(self, since: float) -> bool:
        """Tell whether a batch was committed after a moment."""
        looks = self._since(since)
        return bool(looks) and looks[-1][1] != looks[0][1]

    def all_in(self, since: float, wanted: Positions) -> float:
        """Give how many seconds after a moment every partition was as far as wanted."""
        return next(moment for moment, found in self._since(since) if reaches(found, wanted)) - since

    def _since(self, since: float) -> list[tuple[float, Positions]]:
        return [look for look in self._looks if look[0] >= since]

    def _watch(self) -> None:
        while not self._is_over.wait(EVERY_S):
            try:
                with reading(self._hub.store) as connection:
                    stored = offsets.all_offsets(connection)
            except StoreUnavailable:
                continue
            found = {TopicPartition(each.topic, each.partition): each.next_offset for each in stored}
            self._looks.append((time.monotonic(), found))

"""Looking at stores and log from time to time, from a thread of its own, for metrics and readiness."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic

from sqlalchemy import Engine

from hub.consumers.survey import look_at_log, look_at_store
from hub.errors import HubError
from hub.ledger.offsets import StoredOffset
from hub.log.port import TopicAdmin
from hub.telemetry.health import LATELY_S, Health
from hub.telemetry.logs import Log
from hub.telemetry.metrics import Metrics

EVERY_S = 5.0
_SHARE = 20
"""A look that takes long is followed by a pause so many times as long: at most a twentieth of a store's time."""
_LONGEST_PAUSE_S = LATELY_S / 2
"""So that the next answer, which takes its time too, comes before the last one is too old to be ready."""


class Surveyor:
    """Looks while it is entered, whatever the worker's loop does meanwhile; scrapes read only what it found."""

    def __init__(
        self,
        store: Engine,
        connect: Callable[[], TopicAdmin],
        topics: Iterable[str],
        metrics: Metrics,
        health: Health,
        log: Log,
        *,
        now: Callable[[], datetime],
        every_s: float = EVERY_S,
    ) -> None:
        self._store = store
        self._connect = connect
        self._topics = tuple(topics)
        self._metrics = metrics
        self._health = health
        self._log = log
        self._now = now
        self._every_s = every_s
        self._admin: TopicAdmin | None = None
        self._stored: list[StoredOffset] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._survey, name="survey", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        # It may wait for a store that is away; it is a daemon and holds nothing that anyone needs.
        self._thread.join(2.0)

    def _survey(self) -> None:
        while True:
            began = monotonic()
            answered = self._asked("store", self._of_store) and self._asked("log", self._of_log)
            if self._over.wait(pause_s(monotonic() - began, answered=answered, every_s=self._every_s)):
                break
        if self._admin is not None:
            self._admin.close()

    def _asked(self, part: str, look: Callable[[], None]) -> bool:
        """Look at a part; note and give whether it answered."""
        try:
            look()
        except HubError as error:
            self._failed(part, error.code)
        except Exception as error:  # noqa: BLE001 a defect here must not end the looks; the worker's loop would show it
            self._log.error("survey_failed", part=part, error=error)
            self._failed(part, "defect")
        else:
            self._health.answered(part, None)
            self._metrics.answered(part, is_well=True)
            return True
        return False

    def _failed(self, part: str, code: str) -> None:
        self._health.answered(part, code)
        self._metrics.answered(part, is_well=False)

    def _of_store(self) -> None:
        look = look_at_store(self._store)
        now, metrics = self._now(), self._metrics
        oldest_at = look.held.oldest_at
        metrics.held(look.held.by_reason, (now - oldest_at).total_seconds() if oldest_at else 0.0)
        metrics.ledger(look.position)
        if look.building is None:
            metrics.not_rebuilding()
        else:
            found = look.building
            metrics.rebuilding(found.heard, found.done, found.total, (now - found.begun_at).total_seconds())
        self._stored = look.stored

    def _of_log(self) -> None:
        if self._admin is None:
            self._admin = self._connect()
        try:
            backlog = look_at_log(self._admin, self._topics, self._stored)
        except BaseException:
            self._admin.close()
            self._admin = None
            raise
        for each in backlog:
            self._metrics.backlog(each.topic, each.partition, each.lag_events, each.next_appended_ms)


def pause_s(took_s: float, *, answered: bool, every_s: float) -> float:
    """Give how long to wait after a look: that a part is back after a failure is seen soon."""
    if not answered:
        return every_s
    return max(every_s, min(_SHARE * took_s, _LONGEST_PAUSE_S))

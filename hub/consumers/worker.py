"""The long-running worker: takes what the log holds and waits for more, through every failure that can pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from hub.consumers.ingest import Counts
from hub.errors import HubError
from hub.telemetry.logs import Log

POLL_MS = 500
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
"""What a worker may notice late of the end of an outage; asking so often burdens nobody."""
_SLICE_S = 0.2
"""How long a wait goes on after a stop was asked for."""


class Loop(Protocol):
    """What a worker keeps going: `Ingest`."""

    counts: Counts

    def step(self, timeout_ms: int) -> int:
        """Poll once and take what came."""
        ...

    def close(self) -> None:
        """Leave the log."""
        ...


class Worker:
    """One ingest loop that ends when it is asked to, or at a failure that only a person can mend.

    Args:
        start: opens the ingest loop; it is tried again as a step is.
        is_stopped: whether an end was asked for; the batch in hand is finished first.
        stepped: told after each step.
        waiting: told again and again, with the error's code, while a failed step waits to be tried again.
        closing: what bounds the time of closing.
    """

    def __init__(
        self,
        start: Callable[[], Loop],
        log: Log,
        *,
        is_stopped: Callable[[], bool],
        stepped: Callable[[], None],
        waiting: Callable[[str], None],
        failed: Callable[[str], None],
        sleep: Callable[[float], None],
        closing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._start = start
        self._log = log
        self._is_stopped = is_stopped
        self._stepped = stepped
        self._waiting = waiting
        self._failed = failed
        self._sleep = sleep
        self._closing = closing
        self._ingest: Loop | None = None

    def run(self) -> Counts:
        """Work until a stop is asked for; give what was taken.

        Raises:
            HubError: one that is not retriable, such as LogIncident, StoreCorrupt, KeyUnavailable or Usage.
        """
        pause_s = FIRST_PAUSE_S
        is_well = True
        try:
            while not self._is_stopped():
                try:
                    self._step()
                except HubError as error:
                    if not error.retriable:
                        raise
                    is_well = False
                    self._failed(error.code)
                    self._log.warning("waiting", error=error, pause_s=pause_s)
                    self._wait(error.code, pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                else:
                    self._stepped()
                    if not is_well:
                        self._log.info("going_on")
                    is_well, pause_s = True, FIRST_PAUSE_S
            return self._ingest.counts if self._ingest else Counts()
        finally:
            if self._ingest is not None:
                with self._closing():
                    self._ingest.close()

    def _step(self) -> None:
        if self._ingest is None:
            self._ingest = self._start()
        self._ingest.step(POLL_MS)

    def _wait(self, code: str, seconds: float) -> None:
        left_s = seconds
        while left_s > 0 and not self._is_stopped():
            self._waiting(code)
            self._sleep(min(_SLICE_S, left_s))
            left_s -= _SLICE_S

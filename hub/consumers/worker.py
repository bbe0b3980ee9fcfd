"""The long-running worker: takes what the log holds and waits for more, through every failure that can pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, Protocol, TypeVar

from hub.errors import HubError
from hub.telemetry.logs import Log

POLL_MS = 500
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
"""What a worker may notice late of the end of an outage; asking so often burdens nobody."""
_SLICE_S = 0.2
"""How long a wait goes on after a stop was asked for."""


class Loop(Protocol):
    """What a worker keeps going: `Ingest`, or the outbound `Feed`."""

    def step(self, timeout_ms: int) -> int:
        """Wait for what comes, and take it."""
        ...

    def close(self) -> None:
        """Leave the log."""
        ...


L = TypeVar("L", bound=Loop)


class Worker(Generic[L]):
    """One loop that ends when it is asked to, or at a failure that only a person can mend.

    Args:
        start: opens the loop; it is tried again as a step is.
        is_stopped: whether an end was asked for; the batch in hand is finished first.
        stepped: told after each step.
        waiting: told again and again, with the error's code, while a failed step waits to be tried again.
        closing: what bounds the time of closing.
    """

    def __init__(
        self,
        start: Callable[[], L],
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
        self._loop: L | None = None

    def run(self) -> L | None:
        """Work until a stop is asked for; give the loop, which is closed, None where it was never opened.

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
            return self._loop
        finally:
            if self._loop is not None:
                with self._closing():
                    self._loop.close()

    def _step(self) -> None:
        if self._loop is None:
            self._loop = self._start()
        self._loop.step(POLL_MS)

    def _wait(self, code: str, seconds: float) -> None:
        left_s = seconds
        while left_s > 0 and not self._is_stopped():
            self._waiting(code)
            self._sleep(min(_SLICE_S, left_s))
            left_s -= _SLICE_S

"""Whether a worker lives and is ready, as its loop says and other threads ask."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from hub.telemetry.watching import Taken

LATELY_S = 60.0
"""How old the last answer of a store or the log may be; they are looked at every five seconds or so."""


class Answer(NamedTuple):
    """Yes or no, and why not, in words for an operator."""

    is_well: bool
    text: str


class Health:
    """Noted by the loop, asked by the watchdog and by probes.

    Args:
        elapsed_s: a monotonic clock.
        limit_s: after so many seconds without a step or a wait, the worker does not live.
    """

    def __init__(self, elapsed_s: Callable[[], float], limit_s: float) -> None:
        self._elapsed_s = elapsed_s
        self.limit_s = limit_s
        self._lock = Lock()
        self._heard = elapsed_s()
        self._waiting_for: str | None = "the first step"
        self._answers: dict[str, tuple[float, str | None]] = {}

    def stepped(self) -> None:
        """A step was finished: everything that it needs answers."""
        with self._lock:
            self._heard = self._elapsed_s()
            self._waiting_for = None

    def waiting(self, code: str) -> None:
        """The loop waits to try again after an error of this code: alive, not ready."""
        with self._lock:
            self._heard = self._elapsed_s()
            self._waiting_for = code

    def polled(self, records: int, seconds: float) -> None:
        """A poll came back."""
        self._beat()

    def taken(self, batch: Taken) -> None:
        """One of a step's batches was committed."""
        self._beat()

    def overtaken(self, topic: str, partition: int) -> None:
        """One of a step's batches was given up."""
        self._beat()

    def retried(self, topic: str, partition: int, code: str) -> None:
        """A batch is tried again: a step that waits for the store is no hung one."""
        self._beat()

    def _beat(self) -> None:
        with self._lock:
            self._heard = self._elapsed_s()

    def answered(self, part: str, failure: str | None) -> None:
        """A part, such as the store, answered a look from outside the loop, or failed with this code."""
        with self._lock:
            self._answers[part] = (self._elapsed_s(), failure)

    def silent_s(self) -> float:
        """Give for how long the loop has not been heard."""
        with self._lock:
            return self._elapsed_s() - self._heard

    def alive(self) -> Answer:
        """Tell whether the loop was heard in time."""
        silent_s = self.silent_s()
        if silent_s <= self.limit_s:
            return Answer(is_well=True, text="alive")
        return Answer(is_well=False, text=f"no step was finished for {silent_s:.0f} s, the limit is {self.limit_s:g} s")

    def ready(self) -> Answer:
        """Tell whether the loop goes on and everything it needs answers."""
        alive = self.alive()
        if not alive.is_well:
            return alive
        with self._lock:
            if self._waiting_for is not None:
                return Answer(is_well=False, text=f"waiting: {self._waiting_for}")
            now_s = self._elapsed_s()
            for part, (heard_s, failure) in sorted(self._answers.items()):
                if failure is not None:
                    return Answer(is_well=False, text=f"the {part} failed: {failure}")
                if now_s - heard_s > LATELY_S:
                    return Answer(is_well=False, text=f"no answer of the {part} for {now_s - heard_s:.0f} s")
        return Answer(is_well=True, text="ready")

"""Whether the API can answer: its parts are looked at from time to time, so that a probe waits for none of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from types import TracebackType
from typing import Self

from hub.errors import HubError
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.logs import Log
from hub.telemetry.places import of_traceback
from hub.telemetry.serving import Page

EVERY_S = 5.0
LATELY_S = 60.0
"""How old the last answer of a part may be."""
_SPARED = frozenset({"log"})
"""Parts without which the API goes on: readers need no log, and publishers are told to come back."""
Look = Callable[[], object]
"""Asks a part something; raises `HubError` where it does not answer."""


class Readiness:
    """Looks while it is entered, from a thread of its own for each part, so that one that hangs hides no other.

    Args:
        looks: how to ask each part, by its name.
    """

    def __init__(self, looks: Mapping[str, Look], metrics: ApiMetrics, log: Log, *, every_s: float = EVERY_S) -> None:
        self._metrics = metrics
        self._log = log
        self._every_s = every_s
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, str | None]] = dict.fromkeys(looks, (monotonic(), "not_asked_yet"))
        self._threads = [
            threading.Thread(target=self._ask, args=(part, look), name=f"look at {part}", daemon=True)
            for part, look in looks.items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for thread in self._threads:
            # It may wait for a store that is away; it is a daemon and holds nothing that anyone needs.
            thread.join(1.0)

    def stop(self) -> None:
        """Be ready no more: the program ends."""
        self._over.set()

    @property
    def is_stopping(self) -> bool:
        """Told to end."""
        return self._over.is_set()

    def parts(self) -> dict[str, str | None]:
        """Give by part why it does not answer, None where it does."""
        now_s = monotonic()
        with self._lock:
            answers = dict(self._answers)
        return {part: _failure(now_s - heard_s, failure) for part, (heard_s, failure) in sorted(answers.items())}

    def ready(self) -> Page:
        """Tell whether everything answers that an operation needs, and of each part what it said."""
        parts = self.parts()
        lines = [f"{part}: {failure or 'answers'}\n" for part, failure in parts.items()]
        is_well = not self.is_stopping and all(part in _SPARED or failure is None for part, failure in parts.items())
        first = "ready" if is_well else "stopping" if self.is_stopping else "not ready"
        return Page(200 if is_well else 503, "".join([f"{first}\n", *lines]).encode())

    def _ask(self, part: str, look: Look) -> None:
        while True:
            failure = self._asked(part, look)
            with self._lock:
                before = self._answers[part][1]
                self._answers[part] = (monotonic(), failure)
            self._metrics.available(part, is_well=failure is None)
            if failure is not None and failure != before:
                self._log.warning("part_away", part=part, code=failure)
            if failure is None and before not in {None, "not_asked_yet"}:
                self._log.info("part_back", part=part)
            if self._over.wait(self._every_s):
                return

    def _asked(self, part: str, look: Look) -> str | None:
        try:
            look()
        except HubError as error:
            return error.code
        except Exception as error:  # noqa: BLE001 a defect here must not end the looks
            self._log.error("look_failed", part=part, error=error, stack=of_traceback(error.__traceback__))
            return "defect"
        return None


def _failure(age_s: float, failure: str | None) -> str | None:
    return f"no answer for {age_s:.0f} s" if failure is None and age_s > LATELY_S else failure


def alive() -> Page:
    """Tell that requests are answered."""
    return Page(200, b"alive\n")

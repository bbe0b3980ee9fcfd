"""Stopping between two batches, when the person or the system asks for it, and in time whatever hangs."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

GRACE_S = 20.0
"""For the batch in hand and for leaving the log; container engines and orchestrators kill after 10 to 30 s."""

SAME_S = 1.0
"""A second signal within this time is the same wish: a supervisor may send it to the group and to the process."""


class Stop:
    """Notes the first SIGINT or SIGTERM while it is entered; a second SIGINT breaks off at once."""

    def __init__(self) -> None:
        self.signal_number = 0
        self._before: dict[int, Any] = {}

    @property
    def is_interrupt(self) -> bool:
        """Asked for at the keyboard."""
        return self.signal_number == signal.SIGINT

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.signal_number and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal_number = number


class Deadline:
    """Ends a process that was asked to stop: at a second SIGINT or SIGTERM, or when the grace time is over.

    Nothing is lost, since an open transaction rolls back. A thread hears the signals through a pipe that Python's C
    code writes to at once, even while the main thread is inside a long call of a database driver and runs no handler.

    Args:
        overdue: told that the grace time is over, and for which signal.
        end: ends the process with an exit code, at once: `os._exit`.
    """

    def __init__(
        self, overdue: Callable[[int], object], end: Callable[[int], object], grace_s: float = GRACE_S
    ) -> None:
        self._overdue = overdue
        self._end = end
        self._grace_s = grace_s

    def __enter__(self) -> None:
        self._hears, self._tells = os.pipe()
        os.set_blocking(self._tells, False)
        self._before = signal.set_wakeup_fd(self._tells, warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._listen, name="deadline", daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._before)
        os.close(self._tells)
        self._thread.join()
        os.close(self._hears)

    def _listen(self) -> None:
        asked, since = 0, 0.0
        while True:
            left_s = max(0.0, since + self._grace_s - time.monotonic()) if asked else None
            if not select.select([self._hears], [], [], left_s)[0]:
                self._overdue(asked)
                break
            heard = os.read(self._hears, 64)
            if not heard:
                return
            again = [number for number in heard if number in {signal.SIGINT, signal.SIGTERM}]
            if again and not asked:
                asked, since = again[0], time.monotonic()
            elif again and time.monotonic() - since > SAME_S:
                asked = again[-1]
                break
        self._end(128 + asked)

"""Stopping between two batches, when the person or the system asks for it."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any, Self


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

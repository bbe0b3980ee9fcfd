"""The watchdog: ends a worker whose loop hangs, so that it is started anew; its transaction rolls back.

It is a thread of its own. Where even threads stand still, because the loop hangs inside a call that keeps Python's
global lock, a timer of the interpreter's C code ends the process.
"""

from __future__ import annotations

import faulthandler
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hub.telemetry.health import Health
from hub.telemetry.logs import Log
from hub.telemetry.places import of_frame

HUNG = 70
"""The exit code of a worker that hung: EX_SOFTWARE of sysexits.h."""
_LOOKS_EVERY_S = 1.0
_GRACE_S = 10.0
"""How much later than the thread the timer in C ends the process; it can say less about why, and exits with 1."""


class Watchdog:
    """Watches a loop's health while it is entered.

    Args:
        end: ends the process with an exit code, at once: `os._exit`.
    """

    def __init__(
        self, health: Health, log: Log, end: Callable[[int], object], *, looks_every_s: float = _LOOKS_EVERY_S
    ) -> None:
        self._health = health
        self._log = log
        self._end = end
        self._looks_every_s = looks_every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        faulthandler.cancel_dump_traceback_later()

    def _watch(self) -> None:
        while True:
            left_s = self._health.limit_s - self._health.silent_s()
            if left_s < 0:
                log_stacks(self._log, "hung", silent_s=round(self._health.silent_s(), 1), limit_s=self._health.limit_s)
                self._end(HUNG)
                return
            _arm_timer(left_s + _GRACE_S)
            if self._over.wait(self._looks_every_s):
                return


def _arm_timer(seconds: float) -> None:
    try:
        faulthandler.dump_traceback_later(seconds, exit=True)
    except (AttributeError, OSError, ValueError):
        # There is no stderr with a file descriptor to write to, as under a test's capture.
        return


def log_stacks(log: Log, event: str, **values: object) -> None:
    """Write where every thread is, without the values of its variables."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    log.error(event, exit_code=HUNG, **values)
    for ident, frame in sys._current_frames().items():
        name = "".join(sign if sign.isalnum() else "_" for sign in names.get(ident, "unknown"))
        log.error("stack", thread=name, stack=of_frame(frame))


@contextmanager
def within(seconds: float, log: Log, end: Callable[[int], Any]) -> Iterator[None]:
    """Let the block take so many seconds and no longer: then say where it hangs, and end the process."""
    done = threading.Event()

    def wait() -> None:
        if not done.wait(seconds):
            log_stacks(log, "close_hangs", limit_s=seconds)
            end(HUNG)

    threading.Thread(target=wait, name="closing", daemon=True).start()
    try:
        yield
    finally:
        done.set()

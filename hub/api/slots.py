"""Slots: how much of one kind of work is done at the same time, and how long a request waits for its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from hub.errors import LogUnavailable

T = TypeVar("T")

WAIT_S = 2.0
"""For a slot; whoever gets none in that time comes back later."""
_WAITING_EACH = 4


class Slots:
    """Threads of their own for work that waits for log and store, so that it takes none from what reads.

    Args:
        at_once: pieces of work done at the same time; four times as many may wait.
        deadline_s: after which a request is answered, whatever became of its work.
    """

    def __init__(self, at_once: int, deadline_s: float) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="publish")
        self._most = at_once * (1 + _WAITING_EACH)
        self._deadline_s = deadline_s
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work in a slot and give its result.

        Raises:
            LogUnavailable: every slot stayed taken, and nothing was begun; or the work took too long, and goes on.
        """
        if self._inside >= self._most:
            raise _busy()
        self._inside += 1
        try:
            return await self._done(self._threads.submit(copy_context().run, work))
        finally:
            self._inside -= 1

    async def _done(self, future: Future[T]) -> T:
        result = asyncio.wrap_future(future)
        result.add_done_callback(_heard)
        wait_s = min(WAIT_S, self._deadline_s)
        if not (await asyncio.wait({result}, timeout=wait_s))[0]:
            if future.cancel():
                raise _busy()
            if not (await asyncio.wait({result}, timeout=self._deadline_s - wait_s))[0]:
                raise LogUnavailable("log or store did not answer in time; some events may have landed, send all again")
        return result.result()


def _busy() -> LogUnavailable:
    return LogUnavailable("the log is slow or others publish too much at once; nothing was published, send all again")


def _heard(result: asyncio.Future[Any]) -> None:
    """Look at a failure that nobody waits for any more, so that it is not reported as forgotten."""
    if not result.cancelled():
        result.exception()

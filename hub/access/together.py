"""Doing what many threads ask for at the same time in one go: one transaction, one wait for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from hub.errors import HubError, StoreUnavailable

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class _Job(Generic[_Item, _Result]):
    def __init__(self, item: _Item) -> None:
        self.item = item
        self.result: _Result | None = None
        self.error: Exception | None = StoreUnavailable("the work was interrupted and nothing was kept; try again")
        self.is_done = False
        self.woken = Lock()
        self.woken.acquire()


class Together(Generic[_Item, _Result]):
    """Hands items to `work`, at most `most` at a time and in the order they came; gives each caller its result.

    Whoever finds nobody at work does it for all that wait, then hands the work on to the first who came meanwhile.
    """

    def __init__(self, work: Callable[[Sequence[_Item]], Sequence[_Result]], most: int) -> None:
        self._work = work
        self._most = most
        self._lock = Lock()
        self._waiting: deque[_Job[_Item, _Result]] = deque()
        self._is_at_work = False

    def do(self, item: _Item) -> _Result:
        """Have an item done; whatever `work` raises for it is raised here."""
        job: _Job[_Item, _Result] = _Job(item)
        with self._lock:
            self._waiting.append(job)
            must_wait, self._is_at_work = self._is_at_work, True
        if must_wait:
            job.woken.acquire()
        if not job.is_done:
            self._lead()
        if job.error is not None:
            raise job.error
        result: _Result = job.result  # type: ignore[assignment] # it may be None where that is a result
        return result

    def _lead(self) -> None:
        """Do the work of the first who wait, oneself among them, and wake up whoever goes on."""
        with self._lock:
            jobs = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
        try:
            self._do(jobs)
        finally:
            with self._lock:
                self._is_at_work = bool(self._waiting)
                following = self._waiting[0] if self._waiting else None
            if following is not None:
                following.woken.release()
            for job in jobs[1:]:
                job.woken.release()

    def _do(self, jobs: list[_Job[_Item, _Result]]) -> None:
        try:
            for job, result in zip(jobs, self._work([job.item for job in jobs]), strict=True):
                job.result, job.error = result, None
        except HubError as error:
            # The store is away for all of them; each gets an error of its own, since each is raised in another thread.
            for job in jobs:
                job.error = type(error)(str(error))
        except Exception as error:  # noqa: BLE001 it is raised again where it belongs
            if len(jobs) == 1:
                jobs[0].error = error
            else:
                for job in jobs:
                    self._do([job])
        finally:
            for job in jobs:
                job.is_done = True

"""What was found out a moment ago, for a while: bounded in number, and shared by threads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Remembered(Generic[Kept]):
    """Values by digest until a moment of the clock; the one put in first makes room for a new one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, tuple[float, Kept]] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: bytes, now: float) -> Kept | None:
        """Give what is kept and still counts."""
        found = self._kept.get(digest)
        return found[1] if found is not None and now < found[0] else None

    def keep(self, digest: bytes, kept: Kept, until: float) -> None:
        """Keep a value until a moment."""
        with self._lock:
            self._kept.pop(digest, None)
            while len(self._kept) >= self._most:
                self._kept.popitem(last=False)
            self._kept[digest] = (until, kept)


class Allowance:
    """So many asks at once, and then so many a second: what a stranger may make the hub ask of others."""

    def __init__(self, most: int, per_second: float, clock: Callable[[], float]) -> None:
        self._most = float(most)
        self._per_second = per_second
        self._clock = clock
        self._left = self._most
        self._at = clock()
        self._lock = Lock()

    def take(self) -> bool:
        """Use one up, or tell that none is left."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._at) * self._per_second)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def give_back(self) -> None:
        """Undo a use: it was no stranger."""
        with self._lock:
            self._left = min(self._most, self._left + 1)

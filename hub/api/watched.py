"""What files hold, read again when they may have changed, in a thread that no request runs in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock, Thread
from typing import Generic, TypeVar

from hub.errors import Usage
from hub.telemetry.logs import Log

HUNG_S = 60.0
Content = TypeVar("Content")
_Mark = tuple[tuple[int, ...] | None, ...]


class Watched(Generic[Content]):
    """Keeps what was last read well. Threads may share it; one reads the files, the others go on with what was before.

    Files that cannot be read, or are wrong, change nothing until they are mended; the log says so once for each cause.
    Replace a file by renaming a new one over it: of one that is written in place, half may be read for a moment.

    Args:
        files: those that `read` reads.
        read: gives what they hold, or raises Usage; caused by an OSError, it is tried again though no file changes.
        name: begins the events of the log, `..._read` and `..._refused`.
        size: counts the records of what was read, for the log.
        fresh_s: a change takes effect within so many seconds: who asks when nothing was compared for longer waits.
        wait_s: so long at the most after a reading began.
        clock: seconds that only grow.

    Raises:
        Usage: the files cannot be read at the start, or are wrong.
    """

    def __init__(
        self,
        files: Sequence[Path],
        read: Callable[[], Content],
        *,
        name: str,
        size: Callable[[Content], int],
        fresh_s: float,
        wait_s: float,
        clock: Callable[[], float],
        log: Log,
    ) -> None:
        self._files, self._read, self._name, self._size = files, read, name, size
        self._fresh_s, self._wait_s, self._clock, self._log = fresh_s, wait_s, clock, log
        self._lock = Lock()
        self._compared_at = clock()
        self._look_at = self._compared_at + fresh_s / 2
        self._mark: _Mark | None = self._marked()
        self._content = read()
        self._refused = ""
        self._reading: Thread | None = None
        self._began_at = self._compared_at

    def current(self) -> Content:
        """Give what the files hold."""
        asked_at = self._clock()
        for _ in range(2):  # a reading that began long before may have missed what was replaced since
            now = self._clock()
            is_stale = now - self._compared_at >= self._fresh_s
            if (is_stale or now >= self._look_at) and self._lock.acquire(blocking=is_stale):
                try:
                    self._look(now)
                finally:
                    self._lock.release()
            reading = self._reading
            if not is_stale or reading is None:
                break
            reading.join(max(0.0, min(self._began_at, asked_at) + self._wait_s - now))
            if asked_at - self._compared_at < self._fresh_s:
                break
        return self._content

    def _look(self, now: float) -> None:
        """Compare the files with what was read of them; what differs is read behind the requests."""
        if self._reading is not None and self._reading.is_alive():
            if now - self._began_at >= HUNG_S:
                self._refuse(Usage(f"{self._files[0]} takes more than {HUNG_S:g} s to read; see to where it is kept"))
            return
        if now < self._look_at:
            return
        mark = self._marked()
        self._look_at = now + self._fresh_s / 2
        if mark == self._mark:
            self._compared_at = now
            return
        self._began_at = now
        reading = Thread(target=self._read_again, args=(mark,), name=f"{self._name}-reading", daemon=True)
        try:
            reading.start()
        except RuntimeError:
            self._read_again(mark)  # there is no thread to be had
        else:
            self._reading = reading

    def _read_again(self, mark: _Mark) -> None:
        try:
            content = self._read()
        except Usage as error:
            # What kept a file from being read may end without a trace on it.
            self._mark = None if isinstance(error.__cause__, OSError) else mark
            self._refuse(error)
        else:
            self._content, self._mark, self._refused = content, mark, ""
            self._log.info(f"{self._name}_read", records=self._size(content))
        self._compared_at = self._began_at

    def _refuse(self, error: Usage) -> None:
        if str(error) != self._refused:
            self._refused = str(error)
            self._log.error(f"{self._name}_refused", error=error)

    def _marked(self) -> _Mark:
        return tuple(map(_mark, self._files))


def _mark(file: Path) -> tuple[int, ...] | None:
    """Give what differs when a file may hold something else, or may be readable again: `ctime` moves with its mode."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev

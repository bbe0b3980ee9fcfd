"""The directory of names: two files in a folder, read again whenever one of them has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import MappingProxyType

from hub.errors import Usage
from hub.telemetry.logs import Log
from hub.web.naming.names import Names
from hub.web.naming.tables import ADVISERS, SITES, parsed

LOOK_EVERY_S = 2.0
LARGEST_BYTES = 32 * 1024 * 1024
_Mark = tuple[tuple[int, int, int, int], ...]


class Directory:
    """Reads the folder, and reads it again when a file of it changed. Threads may share it.

    Files that become wrong change nothing until they are mended: what was read last goes on, and the log says so once.

    Args:
        clock: counts seconds.
        readers: names that are known without the files, by the ids of readers.

    Raises:
        Usage: a file cannot be read at the start, or is wrong.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], float], log: Log, readers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._folder, self._clock, self._log, self._readers = folder, clock, log, readers
        self._lock = Lock()
        self._mark = self._marked()
        self._names = self._read()
        self._refused = ""
        self._look_at = clock() + LOOK_EVERY_S

    def current(self) -> Names:
        """Give the names as they are now; while one thread reads them anew, the others go on with those before."""
        if self._clock() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._look_again()
            finally:
                self._look_at = self._clock() + LOOK_EVERY_S
                self._lock.release()
        return self._names

    def _look_again(self) -> None:
        mark = self._marked()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._names = self._read()
        except Usage as error:
            if isinstance(error.__cause__, OSError):
                self._mark = ()  # what kept the file from being read may end without a trace on it: it is tried again
            if str(error) != self._refused:
                self._log.error("names_refused", error=error)
            self._refused = str(error)
        else:
            self._refused = ""
            self._log.info("names_read", records=len(self._names.advisers) + len(self._names.sites))

    def _read(self) -> Names:
        found = parsed(_text(self._folder / ADVISERS), _text(self._folder / SITES), f"HUB_NAMES_DIR: {self._folder}")
        return replace(found, readers=MappingProxyType({**found.readers, **self._readers}))

    def _marked(self) -> _Mark:
        return tuple(map(_mark, (self._folder / ADVISERS, self._folder / SITES)))


def _mark(file: Path) -> tuple[int, int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0, 0)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Usage(
            f"HUB_NAMES_DIR: {file} cannot be read ({error.strerror}); make it, of its first line alone if there is "
            "nothing to name, or unset HUB_NAMES_DIR"
        ) from error
    if len(content) > LARGEST_BYTES:
        raise Usage(f"HUB_NAMES_DIR: {file} is larger than {LARGEST_BYTES} bytes; leave out who is never named")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Usage(f"HUB_NAMES_DIR: {file}, line {line} is not UTF-8; save it as CSV UTF-8") from None

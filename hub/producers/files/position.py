"""How far a file was published: a small JSON file, moved on only after a batch is durable on the log.

A crash between the two publishes some lines again, with the same event ids, which the hub takes once.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO

import msgspec

from hub.errors import StoreCorrupt, StoreUnavailable, Usage

HEAD_BYTES = 64 * 1024
"""How much of a file's beginning tells it from another; as much of it as was read, so that a file may grow."""


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to where a file of this name and beginning was published, and how long its report was by then."""

    name: str
    head_bytes: int = 0
    head_sha256: str = ""
    offset: int = 0
    line: int = 0
    report_bytes: int = 0


class PositionFile:
    """Keeps the position of one file; `source` is that file, open for reading from its beginning."""

    def __init__(self, path: Path, name: str, source: IO[bytes]) -> None:
        self._path = path
        self._name = name
        self._head = source.read(HEAD_BYTES)
        self._size = source.seek(0, os.SEEK_END)
        source.seek(0)
        self._digests: dict[int, str] = {}

    def load(self) -> Position:
        """Give the stored position, or the beginning of the file.

        Raises:
            Usage: the position is that of another file, or the file was changed since.
            StoreCorrupt: the position cannot be read.
        """
        try:
            stored = msgspec.json.decode(self._path.read_bytes(), type=Position)
        except FileNotFoundError:
            return Position(self._name)
        except OSError as error:
            raise StoreUnavailable(f"the position {self._path} cannot be read ({error.strerror})") from error
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise StoreCorrupt(f"{self._path} holds no position; remove it, or publish from the start") from error
        if min(stored.head_bytes, stored.offset, stored.line, stored.report_bytes) < 0:
            raise StoreCorrupt(f"{self._path} holds no position; remove it, or publish from the start")
        if stored.name != self._name:
            raise Usage(
                f"{self._path} is the position of another file; name another position, or publish from the start"
            )
        if stored.offset > self._size or stored.head_sha256 != self._digest(stored.head_bytes):
            raise Usage(
                f"the file was replaced or changed since {stored.line} lines of it were published; publish it from the "
                "start: what is on the log already is taken once"
            )
        return stored

    def save(self, offset: int, line: int, report_bytes: int) -> None:
        """Replace the position at once and durably."""
        head_bytes = min(offset, len(self._head))
        digest = self._digest(head_bytes)
        content = msgspec.json.encode(Position(self._name, head_bytes, digest, offset, line, report_bytes))
        draft = self._path.with_name(f"{self._path.name}.new")
        try:
            with draft.open("wb") as file:
                file.write(content + b"\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StoreUnavailable(
                f"the position {self._path} cannot be written ({error.strerror}); free space or name another"
            ) from error

    def _digest(self, head_bytes: int) -> str:
        if head_bytes not in self._digests:
            self._digests = {head_bytes: hashlib.sha256(self._head[:head_bytes]).hexdigest()}
        return self._digests[head_bytes]

"""What was refused and why, line by line, and the figures of a run; never a personal value."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from hub.errors import StoreUnavailable


class Entry(NamedTuple):
    """A line of the report: the line was refused, or was published without something that it holds."""

    line: int
    kind: Literal["refused", "remark"]
    field: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run did.

    `lines` were read, blank ones aside, after the first `resumed_after`; `refused` of them gave nothing. `published`
    counts events, `raw` the records appended as they were, `remarks` what lines held and no event says. `notes` are
    about the file as a whole; of the refusals the first 20 are here. `report` is the file that holds them all, with
    those of the runs before that this one resumed; None if there are none.
    """

    resumed_after: int
    lines: int
    published: int
    raw: int
    refused: int
    remarks: int
    notes: tuple[str, ...]
    first_refusals: tuple[Entry, ...]
    report: Path | None


class Report:
    """A file with one JSON object per entry, made when there is a first one.

    Args:
        path: the file, or None to keep nothing.
        size: how much of a previous run's report stands, in bytes; what follows was not yet the position's and goes.
    """

    def __init__(self, path: Path | None, size: int = 0) -> None:
        self.path = path
        self.size = size
        if path is not None and path.exists():
            try:
                os.truncate(path, min(size, path.stat().st_size))
                self.size = path.stat().st_size
            except OSError as error:
                raise _unwritable(path, error) from error
        else:
            self.size = 0

    def add(self, entries: Sequence[Entry]) -> None:
        """Write entries, durably."""
        if self.path is None or not entries:
            return
        content = b"".join(msgspec.json.encode(entry._asdict()) + b"\n" for entry in entries)
        try:
            with self.path.open("ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self.size += len(content)


def _unwritable(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"the report {path} cannot be written ({error.strerror}); free space or name another file")

"""The feed as a file, and what is in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from hub.errors import Usage
from hub.producers.simulation.feed import Sent, feed
from hub.producers.simulation.population import Population

_BUFFER_BYTES = 1 << 20


@dataclass(slots=True)
class Summary:
    """What a feed holds.

    `events` counts distinct events by type, `broken` raw records by what is wrong with them. `duplicates` are lines
    sent again, `late` events recorded days after the fact, `re_referrals` the registrations that start again what the
    other network was doing. Lines are events, duplicates and broken records together.
    """

    people: int
    cases: int = 0
    lines: int = 0
    re_referrals: int = 0
    duplicates: int = 0
    late: int = 0
    voided: int = 0
    events: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def count(self, sent: Sent) -> None:
        """Take one more line into account."""
        self.lines += 1
        draft = sent.draft
        if draft is None:
            self.broken[sent.line["raw"]["why"]] += 1
        elif draft.repeat:
            self.duplicates += 1
        else:
            self.events[draft.type] += 1
            self.cases += draft.type == "CaseRegistered"
            self.voided += draft.type == "EventVoided"
            self.late += draft.late
            self.re_referrals += draft.re_referral


def write(
    path: Path,
    people: int,
    seed: int,
    progress: Callable[[int], object] = lambda _: None,
    *,
    until: datetime | None = None,
    is_showcase: bool = False,
) -> Summary:
    """Write the feed of a region as JSONL, whole or not at all.

    Args:
        progress: is told the number of people made so far.
        until: what would reach the hub from then on is left out.
        is_showcase: few people show what a region shows, for a demonstration.

    Raises:
        Usage: `people` is not 1 or more, or the file cannot be written.
    """
    lines = feed(Population(people, seed, is_showcase), progress, until)
    summary = Summary(people)
    encode = msgspec.json.Encoder().encode
    with _whole(path) as file:
        for sent in lines:
            summary.count(sent)
            file.write(encode(sent.line))
            file.write(b"\n")
    return summary


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside the path that takes its name only when everything is on disk."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb", buffering=_BUFFER_BYTES) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Usage(f"{path} cannot be written ({reason}); choose a folder that exists and has room") from error
    finally:
        with suppress(OSError):
            part.unlink()

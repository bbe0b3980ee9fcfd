"""The demo's time: the feed is taken in as it came, so that what was known when can be asked, and what is new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from hub.cli.output import Output
    from hub.cli.stopping import Stop
    from hub.wiring import Hub

PRESENT = datetime(2023, 1, 2, 8, tzinfo=UTC)
"""When the demo takes place: soon after the simulated region's last people registered."""
_FIRST_DAY = datetime(2018, 1, 1, tzinfo=UTC)
_WEEK = timedelta(days=7)
_DAYS = 35
"""So many days come one by one, the years before them week by week: pages tell news of a week, and figures of one."""


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.moment = PRESENT

    def __call__(self) -> datetime:
        """Give the moment it was set to."""
        return self.moment


class Lived(NamedTuple):
    """What was published on the way: valid events, and raw records past the publisher's checks."""

    published: int
    raw: int


def live(hub: Hub, file: Path, clock: Clock, output: Output, stop: Stop) -> Lived:
    """Publish a feed and take it in a week at a time, lately a day, each at its end; the file ends up as it was."""
    from hub.producers.files import publish_file

    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"")
    lived = Lived(0, 0)
    with hub.publisher() as publisher, output.progress("Five years pass") as progress:
        producer, ingest = hub.raw_producer(), hub.ingest()
        try:
            for moment, first, end in _spans(lines):
                clock.moment = moment
                with file.open("ab") as growing:
                    growing.writelines(lines[first:end])
                done = publish_file(
                    file,
                    publisher,
                    producer,
                    id_key=hub.master.derive("file-event-id"),
                    allow_raw=True,
                    position=file.with_suffix(".position"),
                )
                lived = Lived(lived.published + done.published, lived.raw + done.raw)
                ingest.until_caught_up(lambda _: None, lambda: bool(stop.signal_number))
                progress(end, len(lines))
                if stop.signal_number:
                    break
        finally:
            ingest.close()
            producer.close()
            clock.moment = PRESENT
            file.with_suffix(".position").unlink(missing_ok=True)
    return lived


def _spans(lines: list[bytes]) -> Iterator[tuple[datetime, int, int]]:
    """Give the end of each week or day, and which lines had reached the hub by then but not by the end before."""
    today = PRESENT.replace(hour=0)
    first_day = today - timedelta(days=_DAYS)
    weeks = (first_day - _FIRST_DAY) // _WEEK
    ends = [first_day - number * _WEEK for number in range(weeks, 0, -1)]
    ends += [first_day + timedelta(days=number) for number in range(_DAYS + 1)]
    known = [_recorded_at(line) for line in lines]
    places = [0]
    for end in ends:
        # Lines stand in the order in which they came; some were recorded long before.
        later = next((at for at in range(places[-1], len(lines)) if known[at] >= end), len(lines))
        places.append(later)
    places.append(len(lines))
    for moment, (first, beyond) in zip([*ends, PRESENT], pairwise(places), strict=True):
        if beyond > first:
            yield moment, first, beyond


def _recorded_at(line: bytes) -> datetime:
    """Give when an event was recorded; a broken record came when the line before it did."""
    try:
        return datetime.fromisoformat(msgspec.json.decode(line)["meta"]["recorded_at"])
    except (KeyError, TypeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)

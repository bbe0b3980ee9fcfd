"""How often the hub was read lately, by day and outcome: numbers of the access log, without people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from hub.ledger.accessmonths import lowest_id, moment_of_entry
from hub.ledger.accesstables import access_entry

MOST = 20_000
"""Entries that are counted: enough for days of a region, few enough for a page."""
_columns = access_entry.c


class Activity(NamedTuple):
    """The numbers of entries by day and outcome; `is_cut` where there were more than are counted."""

    by_day: dict[datetime, dict[str, int]]
    is_cut: bool

    def of(self, outcome: str) -> int:
        """Give how many entries had an outcome."""
        return sum(counts.get(outcome, 0) for counts in self.by_day.values())


def activity(connection: Connection, now: datetime, days: int) -> Activity:
    """Count the entries of the last days, today in UTC included."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = lowest_id(today - timedelta(days=days - 1))
    width = lowest_id(today + timedelta(days=1)) - lowest_id(today)
    latest = (
        select(_columns.entry_id, _columns.outcome)
        .where(_columns.entry_id >= since)
        .order_by(_columns.entry_id.desc())
        .limit(MOST)
        .subquery()
    )
    day = (latest.c.entry_id - since) // width
    rows = connection.execute(select(day.label("day"), latest.c.outcome, func.count()).group_by(day, latest.c.outcome))
    by_day: dict[datetime, dict[str, int]] = {}
    for number, outcome, count in rows:
        by_day.setdefault(moment_of_entry(since + number * width), {})[outcome] = count
    return Activity(dict(sorted(by_day.items())), sum(sum(each.values()) for each in by_day.values()) >= MOST)

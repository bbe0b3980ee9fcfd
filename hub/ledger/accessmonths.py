"""The months of the access log: partitions in PostgreSQL, made when a month begins, dropped when it is old."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.exc import DBAPIError

from hub.errors import Usage
from hub.ledger.accesstables import access_entry, access_person, truncate_trigger
from hub.ledger.database import writing
from hub.ledger.moments import microseconds, moment_of

_PER_MICROSECOND = 1_024
_LOWEST_ID, _HIGHEST_ID = -(2**63), 2**63 - 1
_PARTITIONED = (access_entry, access_person)
_LOCK = 0x6163_6365_7373
"""The advisory lock under which partitions are made: "access" in ASCII."""
_AHEAD = 2
_DROP_WAITS_MS = 3_000
_TEXT = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Month(NamedTuple):
    """A month of UTC."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """Give the month of a moment."""
        at = moment.astimezone(UTC)
        return cls(at.year, at.month)

    @classmethod
    def parsed(cls, text: str) -> Month:
        """Read `YYYY-MM`.

        Raises:
            Usage: it is none.
        """
        found = _TEXT.fullmatch(text)
        if found is None or found[1] == "0000":
            raise Usage("a month is written YYYY-MM, as in 2026-03")
        return cls(int(found[1]), int(found[2]))

    def after(self, months: int) -> Month:
        """Give the month so many later; earlier, if negative."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def first_id(self) -> int:
        """The lowest id that an entry of the month can have."""
        return lowest_id(datetime(self.year, self.month, 1, tzinfo=UTC))


def lowest_id(moment: datetime) -> int:
    """Give the lowest id that an entry of a moment can have; ids reach from 1684 to 2255, and any moment is within."""
    return min(max(microseconds(moment) * _PER_MICROSECOND, _LOWEST_ID), _HIGHEST_ID)


def entry_id(moment: datetime, apart: int, after: int) -> int:
    """Give the id of an entry of a moment, or of the first one such that it is greater than `after`.

    `apart`, of which the remainder by 1024 counts, tells it from others of its microsecond.
    """
    low = apart % _PER_MICROSECOND
    found = lowest_id(moment) + low
    return found if found > after else after + 1 + (low - after - 1) % _PER_MICROSECOND


def moment_of_entry(entry_id: int) -> datetime:
    """Give the moment of an entry."""
    return moment_of(entry_id // _PER_MICROSECOND)


class Months:
    """The months that entries can be appended to; each process learns them once."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        self._known: set[Month] = set()

    def ready(self, month: Month) -> bool:
        """Tell whether this process knows that a month has its partitions."""
        return month in self._known or self._store.dialect.name != "postgresql"

    def make(self, month: Month) -> None:
        """Make the partitions of a month and of those ahead; whoever else does waits, and finds them made.

        Only a table apart is made, and then attached: that keeps nobody from appending meanwhile.
        """
        if self._store.dialect.name != "postgresql":
            return
        wanted = [month.after(ahead) for ahead in range(_AHEAD)]
        with writing(self._store) as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            for each in wanted:
                for table in _PARTITIONED:
                    _make_partition(connection, table.name, each)
        self._known.update(wanted)

    def forget(self) -> None:
        """Look again: a partition that was there is gone."""
        self._known.clear()


def partition(table: str, month: Month) -> str:
    """Name a partition."""
    return f"{table}_{month.year:04}_{month.month:02}"


def _make_partition(connection: Connection, table: str, month: Month) -> None:
    name = partition(table, month)
    if connection.exec_driver_sql(f"SELECT to_regclass('{name}')").scalar() is not None:
        return
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    connection.exec_driver_sql(truncate_trigger(name))
    begin, end = month.first_id, month.after(1).first_id
    connection.exec_driver_sql(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({end})")


def has_no_partition(error: DBAPIError) -> bool:
    """Tell whether an insert failed since its month has no partition: someone dropped it."""
    return getattr(error.orig, "sqlstate", None) == "23514"


def count_before(connection: Connection, month: Month) -> int:
    """Count the entries before a month."""
    count = select(func.count()).select_from(access_entry).where(access_entry.c.entry_id < month.first_id)
    return connection.execute(count).scalar_one()


def drop_before(connection: Connection, month: Month) -> None:
    """Drop all entries before a month; their purge is on record already, in the same transaction.

    Raises:
        StoreUnavailable: someone reads the log for long; nothing was dropped.
    """
    if connection.dialect.name != "postgresql":
        for table in _PARTITIONED:
            connection.execute(delete(table).where(table.c.entry_id < month.first_id))
        return
    # Appends queue behind whoever waits for the parent, so this gives way soon.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_DROP_WAITS_MS}")
    for table in _PARTITIONED:
        for name in _partitions_before(connection, table.name, month):
            connection.exec_driver_sql(f"DROP TABLE {name}")


def _partitions_before(connection: Connection, table: str, month: Month) -> list[str]:
    query = f"SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '{table}'::regclass"  # noqa: S608
    names = connection.exec_driver_sql(query).scalars()
    return sorted(name for name in names if name.rpartition(".")[2] < partition(table, month))

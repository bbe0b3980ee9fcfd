"""The volume alarm: how many people a reader asked for lately, and whether they are slowed or stopped for it.

People count once, however often they are asked for. Whoever was shown or refused counts for an hour toward being
slowed; whoever was asked for, also while slowed, counts for a day toward being stopped: a program that pulls people in
bulk and does not wait is stopped within seconds. Beyond the limit of an hour, of 60 say, a reader gets one new person
every sixtieth of an hour, and a request for more than 60 new ones is never answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from math import ceil
from typing import NamedTuple

from sqlalchemy import Connection, case, delete, func, select

from hub.domain.access import Limits, Pace, pace
from hub.ledger import bulk
from hub.ledger.accesstables import access_reader, access_volume
from hub.ledger.accesswriting import Row

_HOUR_S, _SECOND = 3_600, 1_000_000
HOUR, DAY = _HOUR_S * _SECOND, 24 * _HOUR_S * _SECOND
"""In microseconds, as moments are."""
_NEVER = 0
_columns = access_volume.c


class Asked(NamedTuple):
    """When a person was last asked for, and last shown or refused, in microseconds; and how they count."""

    counted: str
    asked_at: int
    shown_at: int


class Judged(NamedTuple):
    """What becomes of a request; for a stop, which people were too many, and how many are allowed."""

    pace: Pace
    retry_after_s: int = 0
    counted: str = "other"
    people: int = 0
    most: int = 0


class Left(NamedTuple):
    """How many more people whom they do not accompany a reader is shown within the hour, of how many an hour allows.

    None of them where the reader is stopped.
    """

    people: int
    most: int
    is_stopped: bool = False


class Volume:
    """One reader's count, in a transaction that has the reader to itself.

    Args:
        known: what is counted already of the people that requests of this transaction ask for.
        last_hour, last_day, last_shown: of all people, by how they count: how many, how many, and when.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        is_system: bool,
        known: Mapping[bytes, Asked],
        last_hour: Mapping[str, int],
        last_day: Mapping[str, int],
        last_shown: Mapping[str, int],
    ) -> None:
        self._limits = limits
        self._is_system = is_system
        self._known = dict(known)
        self._hour, self._day = Counter(last_hour), Counter(last_day)
        self._last_shown = Counter(last_shown)
        self.changed: dict[bytes, Asked] = {}

    def ask(self, people: Mapping[bytes, str], at: int) -> Judged:
        """Count the people of a request, by how each counts, and say whether they may be shown."""
        new = {key: counted for key, counted in people.items() if self._is_new(key, counted, at)}
        added = Counter(new.values())
        self._count_day(people, at)
        hour = {kind: self._hour[kind] + added[kind] if self._concerns(kind, added) else 0 for kind in ("own", "other")}
        day = {kind: self._day[kind] if self._concerns(kind, Counter(people.values())) else 0 for kind in hour}
        found = pace(
            self._limits,
            is_system=self._is_system,
            own_last_hour=hour["own"],
            own_last_day=day["own"],
            other_last_hour=hour["other"],
            other_last_day=day["other"],
        )
        judged = self._judged(found, new, day, at)
        shown_at = at if judged.pace is Pace.FREE else _NEVER
        for key, counted in people.items():
            before = self._known.get(key, Asked(counted, at, _NEVER))
            self._known[key] = self.changed[key] = Asked(counted, at, max(before.shown_at, shown_at))
        if shown_at:
            self._hour += added
            for counted in added:
                self._last_shown[counted] = at
        return judged

    def _judged(self, found: Pace, new: Mapping[bytes, str], day: Mapping[str, int], at: int) -> Judged:
        if found is Pace.STOPPED:
            return self._stopped(day)
        if found is Pace.FREE or not new:
            return Judged(Pace.FREE)
        left = max(self._wait(counted, list(new.values()).count(counted), at) for counted in set(new.values()))
        return Judged(Pace.SLOWED, left) if left > 0 else Judged(Pace.FREE)

    def _stopped(self, day: Mapping[str, int]) -> Judged:
        limits = self._limits
        if self._is_system:
            return Judged(Pace.STOPPED, 0, "other", sum(day.values()), limits.system_stop_per_day)
        if day["other"] > limits.other_stop_per_day:
            return Judged(Pace.STOPPED, 0, "other", day["other"], limits.other_stop_per_day)
        return Judged(Pace.STOPPED, 0, "own", day["own"], limits.own_stop_per_day)

    def _wait(self, counted: str, people: int, at: int) -> int:
        """Give for how many seconds a reader who is slowed has to wait for so many new people.

        More than an hour's limit at once are never shown.
        """
        of_own = self._limits.own_slow_per_hour if counted == "own" else self._limits.other_slow_per_hour
        slow_per_hour = self._limits.system_slow_per_hour if self._is_system else of_own
        if people > slow_per_hour:
            return _HOUR_S
        due = self._last_shown[counted] + people * HOUR // slow_per_hour
        return max(0, ceil((due - at) / _SECOND))

    def _concerns(self, kind: str, added: Counter[str]) -> bool:
        """Tell whether a request adds to a count: own people are not slowed for other ones, nor the other way."""
        return self._is_system or added[kind] > 0

    def _is_new(self, key: bytes, counted: str, at: int) -> bool:
        return _is_new(self._known.get(key), counted, at)

    def _count_day(self, people: Mapping[bytes, str], at: int) -> None:
        for key, counted in people.items():
            known = self._known.get(key)
            if known is not None and known.asked_at > at - DAY:
                self._day[known.counted] -= 1
            self._day[counted] += 1


def _is_new(known: Asked | None, counted: str, at: int) -> bool:
    return known is None or known.counted != counted or known.shown_at <= at - HOUR


def load(
    connection: Connection,
    asked: Mapping[int, Collection[tuple[bytes, str]]],
    systems: Collection[int],
    limits: Limits,
    now: int,
) -> dict[int, Volume]:
    """Read the counts of readers, by their numbers.

    All of a reader's people are counted only where one asked for is new: whoever is seen again changes no count.

    Args:
        asked: whom each reader's requests of this transaction ask for, and how they count.
        systems: those of the readers that are systems.
    """
    known = _known(connection, asked)
    counted = {
        number
        for number, people in asked.items()
        if any(_is_new(known[number].get(key), kind, now) for key, kind in people)
    }
    of_all = _counts(connection, counted, now) if counted else {}
    none: dict[str, tuple[int, int, int]] = {}
    return {
        number: Volume(
            limits,
            is_system=number in systems,
            known=known[number],
            last_hour={kind: hour for kind, (hour, _, _) in of_all.get(number, none).items()},
            last_day={kind: day for kind, (_, day, _) in of_all.get(number, none).items()},
            last_shown={kind: shown for kind, (_, _, shown) in of_all.get(number, none).items()},
        )
        for number in asked
    }


def _known(
    connection: Connection, asked: Mapping[int, Collection[tuple[bytes, str]]]
) -> defaultdict[int, dict[bytes, Asked]]:
    columns = (_columns.reader_no, _columns.person, _columns.counted, _columns.asked_at, _columns.shown_at)
    query = select(*columns).where(
        bulk.among(connection, _columns.reader_no, "readers"), bulk.among(connection, _columns.person, "people")
    )
    people = sorted({key for keys in asked.values() for key, _ in keys})
    found: defaultdict[int, dict[bytes, Asked]] = defaultdict(dict)
    for number, person, *said in connection.execute(query, {"readers": sorted(asked), "people": people}):
        found[number][person] = Asked(*said)
    return found


def _counts(connection: Connection, readers: Collection[int], now: int) -> dict[int, dict[str, tuple[int, int, int]]]:
    """Count readers' people, by how they count: of the last hour, of the last day; and when one was last shown."""
    in_hour = func.sum(case((_columns.shown_at > now - HOUR, 1), else_=0))
    query = select(_columns.reader_no, _columns.counted, in_hour, func.count(), func.max(_columns.shown_at))
    query = query.where(bulk.among(connection, _columns.reader_no, "readers"), _columns.asked_at > now - DAY)
    found: defaultdict[int, dict[str, tuple[int, int, int]]] = defaultdict(dict)
    rows = connection.execute(query.group_by(_columns.reader_no, _columns.counted), {"readers": sorted(readers)})
    for number, kind, hour, day, shown in rows:
        found[number][kind] = int(hour), day, shown
    return found


def left(connection: Connection, reader_id: str, limits: Limits, now: int) -> Left:
    """Tell how many more people other than their own someone is shown within the hour; systems have other limits."""
    known = select(access_reader.c.reader_no, access_reader.c.alarm_no).where(access_reader.c.reader_id == reader_id)
    row = connection.execute(known).one_or_none()
    most = limits.other_slow_per_hour
    if row is None:
        return Left(most, most)
    if row.alarm_no is not None:
        return Left(0, most, is_stopped=True)
    shown, _, _ = _counts(connection, {row.reader_no}, now).get(row.reader_no, {}).get("other", (0, 0, 0))
    return Left(max(0, most - shown), most)


def rows_of(reader_no: int, volume: Volume) -> list[Row]:
    """Give the rows of what changed of a reader's count."""
    return [(reader_no, key, *asked) for key, asked in sorted(volume.changed.items())]


def forget(connection: Connection, reader_no: int, before: int | None = None) -> None:
    """Begin a reader's count anew, or leave out those last asked for before a moment."""
    gone = delete(access_volume).where(_columns.reader_no == reader_no)
    connection.execute(gone if before is None else gone.where(_columns.asked_at <= before))


def forget_all(connection: Connection, before: int) -> None:
    """Leave out everyone last asked for before a moment, whoever asked."""
    connection.execute(delete(access_volume).where(_columns.asked_at <= before))

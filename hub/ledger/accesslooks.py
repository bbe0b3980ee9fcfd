"""How often a person was looked at, counted over all entries of the access log: by whom, on which ground, in vain."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, case, func, not_, or_, select

from hub.ledger import bulk
from hub.ledger.accessmonths import moment_of_entry
from hub.ledger.accesstables import access_entry, access_person

_BESIDE = ("access_log", "quarantine", "purge", "release")
"""What shows nothing of a person."""
_LISTS = ("list", "follow")
"""What shows people on somebody's list: each opening of a first page is one. Who is counted in it was looked at."""
_STATED = "break_glass"
_COMMAND_LINE = "cli:%"
_ALIKE = ("roles", "network", "is_command_line", "is_list", "outcome", "ground")
_entry, _person = access_entry.c, access_person.c


class Looks(NamedTuple):
    """Entries about a person that differ in nothing but their time, and in who exactly asked.

    `reason` is the code that the reader had stated last, where that is the ground; `is_list`: they stood in a list,
    and did not count as read.
    """

    roles: tuple[str, ...]
    network: str | None
    is_command_line: bool
    is_list: bool
    outcome: str
    ground: str | None
    reason: str | None
    times: int
    last: datetime


def looks(connection: Connection, refs: Collection[bytes]) -> list[Looks]:
    """Count the entries in which one of a person's case records stands, those that began first given first.

    That a reason was stated is no look of its own; that it was refused is.
    """
    given = {"refs": sorted(refs)}
    stated = _Stated(connection.execute(_reasons(connection), given))
    found: dict[tuple[Any, ...], _Span] = {}
    for row in connection.execute(_counted(connection), given):
        reason = stated.before(row.reader_id, row.first) if row.reader_id is not None else None
        alike = (row.roles, row.network, row.is_command_line, row.is_list, row.outcome, row.ground, reason)
        span = _Span(row.times, row.first, row.last)
        found[alike] = found[alike].and_(span) if alike in found else span
    return [_looks(alike, span) for alike, span in sorted(found.items(), key=lambda each: each[1].first)]


class _Span(NamedTuple):
    """How many entries, and the ids of the first and of the last."""

    times: int
    first: int
    last: int

    def and_(self, other: _Span) -> _Span:
        return _Span(self.times + other.times, min(self.first, other.first), max(self.last, other.last))


class _Stated:
    """The reasons that readers stated for a person, in order of time."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._ids: defaultdict[str, list[int]] = defaultdict(list)
        self._codes: defaultdict[str, list[str | None]] = defaultdict(list)
        for reader_id, entry_id, code in rows:
            self._ids[reader_id].append(entry_id)
            self._codes[reader_id].append(code)

    def before(self, reader_id: str, entry_id: int) -> str | None:
        """Give the code that a reader had stated last before an entry; None if there is none."""
        place = bisect_left(self._ids[reader_id], entry_id)
        return self._codes[reader_id][place - 1] if place else None


def _of_person(connection: Connection) -> Select[Any]:
    """Ask for a person's entries, each once: as the case record stands in it of which most was shown."""
    order = (_person.sight.desc(), _person.counted.is_(None))
    place = func.row_number().over(partition_by=_person.entry_id, order_by=order).label("place")
    ranked = (
        select(_person.entry_id, _person.ground, _person.counted, place)
        .where(bulk.among(connection, _person.subject_ref, "refs"))
        .subquery()
    )
    return select(ranked.c.entry_id, ranked.c.ground, ranked.c.counted).where(ranked.c.place == 1)


def _reasons(connection: Connection) -> Select[Any]:
    mine = select(_person.entry_id).distinct().where(bulk.among(connection, _person.subject_ref, "refs")).subquery()
    return (
        select(_entry.reader_id, _entry.entry_id, _entry.code)
        .join(mine, mine.c.entry_id == _entry.entry_id)
        .where(_entry.kind == _STATED, _entry.outcome == "shown")
        .order_by(_entry.entry_id)
    )


def _counted(connection: Connection) -> Select[Any]:
    """Count entries that are alike; those read for a stated reason one by one, with their reader."""
    mine = _of_person(connection).subquery()
    for_reason = mine.c.ground == _STATED
    one = (
        select(
            _entry.entry_id,
            _entry.roles,
            _entry.network,
            _entry.reader_id.like(_COMMAND_LINE).label("is_command_line"),
            and_(_entry.kind.in_(_LISTS), mine.c.counted.is_distinct_from("other")).label("is_list"),
            _entry.outcome,
            mine.c.ground,
            case((for_reason, _entry.reader_id)).label("reader_id"),
            case((for_reason, _entry.entry_id)).label("apart"),
        )
        .join(mine, mine.c.entry_id == _entry.entry_id)
        .where(not_(or_(_entry.kind.in_(_BESIDE), and_(_entry.kind == _STATED, _entry.outcome == "shown"))))
        .subquery()
    )
    alike = [one.c[name] for name in (*_ALIKE, "reader_id")]
    times, first, last = func.count(), func.min(one.c.entry_id), func.max(one.c.entry_id)
    return select(*alike, times.label("times"), first.label("first"), last.label("last")).group_by(*alike, one.c.apart)


def _looks(alike: tuple[Any, ...], span: _Span) -> Looks:
    roles, network, is_command_line, is_list, outcome, ground, reason = alike
    flags = (bool(is_command_line), bool(is_list))
    last = moment_of_entry(span.last)
    return Looks(tuple(roles.split(",")) if roles else (), network, *flags, outcome, ground, reason, span.times, last)

"""How often a person was looked at, counted over all entries of the access log: by whom, on which ground, in vain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, literal, not_, or_, select

from hub.ledger import bulk
from hub.ledger.accessmonths import moment_of_entry
from hub.ledger.accesstables import access_entry, access_person

_BESIDE = ("access_log", "quarantine", "purge", "release")
"""What shows nothing of a person."""
_LISTS = ("list", "follow")
"""What shows of a person that they are on somebody's list: each opening of a first page is one."""
_STATED = "break_glass"
_COMMAND_LINE = "cli:%"
_entry, _person = access_entry.c, access_person.c


class Looks(NamedTuple):
    """Entries about a person that differ in nothing but their time, and in who exactly asked.

    `reason` is the code that the reader had stated last, where that is the ground; `is_list`: they stood in a list.
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
    # First the ids, as in `accessqueries.entries`: PostgreSQL may walk through all months otherwise.
    of_person = select(_person.entry_id).distinct().where(bulk.among(connection, _person.subject_ref, "refs"))
    ids = list(connection.execute(of_person, {"refs": sorted(refs)}).scalars())
    if not ids:
        return []
    ranked = (
        select(
            _person.entry_id,
            _person.ground,
            func.row_number().over(partition_by=_person.entry_id, order_by=_person.sight.desc()).label("place"),
        )
        .where(bulk.within(connection, _person.entry_id, ids), bulk.among(connection, _person.subject_ref, "refs"))
        .subquery()
    )
    earlier = access_entry.alias("earlier")
    reason = (
        select(earlier.c.code)
        .where(
            earlier.c.kind == _STATED,
            earlier.c.outcome == "shown",
            earlier.c.reader_id == _entry.reader_id,
            earlier.c.entry_id < _entry.entry_id,
            bulk.within(connection, earlier.c.entry_id, ids),
        )
        .order_by(earlier.c.entry_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    one = (
        select(
            _entry.entry_id,
            _entry.roles,
            _entry.network,
            _entry.reader_id.like(_COMMAND_LINE).label("is_command_line"),
            _entry.kind.in_(_LISTS).label("is_list"),
            _entry.outcome,
            ranked.c.ground,
            case((ranked.c.ground == literal(_STATED), reason)).label("reason"),
        )
        .join(ranked, and_(ranked.c.entry_id == _entry.entry_id, ranked.c.place == 1))
        .where(
            bulk.within(connection, _entry.entry_id, ids),
            not_(or_(_entry.kind.in_(_BESIDE), and_(_entry.kind == _STATED, _entry.outcome == "shown"))),
        )
        .subquery()
    )
    alike = [one.c[name] for name in ("roles", "network", "is_command_line", "is_list", "outcome", "ground", "reason")]
    counted = select(*alike, func.count().label("times"), func.max(one.c.entry_id).label("last"))
    rows = connection.execute(counted.group_by(*alike).order_by(func.min(one.c.entry_id)), {"refs": sorted(refs)})
    return [_looks(row) for row in rows]


def _looks(row: Any) -> Looks:
    roles = tuple(row.roles.split(",")) if row.roles else ()
    flags = (bool(row.is_command_line), bool(row.is_list))
    return Looks(roles, row.network, *flags, row.outcome, row.ground, row.reason, row.times, moment_of_entry(row.last))

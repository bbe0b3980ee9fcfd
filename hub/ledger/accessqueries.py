"""What the access log answers: who looked at a person, whom a reader read, who stated a reason, who was stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, literal_column, select, update

from hub.errors import NotFound, Usage
from hub.ledger import bulk
from hub.ledger.accesslog import AccessKeys, Head, Line, PersonRow, clear_columns
from hub.ledger.accessmonths import lowest_id, moment_of_entry
from hub.ledger.accesstables import access_alarm, access_entry, access_person, access_reader, access_release

_OF_REASONS = "break_glass"
_entry, _person, _alarm, _release = access_entry.c, access_person.c, access_alarm.c, access_release.c


class Logged(NamedTuple):
    """An entry of the access log; of its people, those that were asked for."""

    entry_id: int
    at: datetime
    reader_id: str
    roles: tuple[str, ...]
    network: str | None
    organisation: str | None
    through: str
    kind: str
    code: str | None
    outcome: str
    has_text: bool
    people: tuple[PersonRow, ...]


class Alarm(NamedTuple):
    """A reader who was stopped: after how many people of how many allowed; and the entry that released them."""

    alarm_no: int
    raised_at: datetime
    reader_id: str
    counted: str
    people: int
    most: int
    entry_id: int
    released_at: datetime | None
    released_by: str | None


def entries(
    connection: Connection,
    *,
    refs: Collection[bytes] | None = None,
    reader_id: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[Logged]:
    """Give entries, newest first.

    Args:
        refs: only those in which one of these case records stands, and of their people only these.
        since, until: from the first moment on, and before the second.
        after: only those older than the entry of this id, where a page ended.
    """
    place: ColumnElement[int] = _entry.entry_id
    if kind == _OF_REASONS and refs is None:
        place += 0  # in the order of ids, they would be looked for among all entries, and not by their own index
    query = select(access_entry).order_by(place.desc()).limit(limit)
    given: dict[str, Any] = {}
    if refs is None:
        query = query.where(*_between(place, since, until, after))
    else:
        # First the ids: with both tables in one statement PostgreSQL may walk through all entries of all months.
        most = limit if reader_id is None and kind is None else None
        given["ids"] = _ids_of(connection, refs, _between(_person.entry_id, since, until, after), most)
        query = query.where(bulk.among(connection, _entry.entry_id, "ids"))
        if given["ids"]:
            query = query.where(_entry.entry_id.between(given["ids"][-1], given["ids"][0]))
    rows = connection.execute(query.where(*_of(reader_id, kind)), given).all()
    people = people_of(connection, [row.entry_id for row in rows], refs)
    return [_logged(row, people[row.entry_id]) for row in rows]


def _of(reader_id: str | None, kind: str | None) -> Iterator[ColumnElement[bool]]:
    if reader_id is not None:
        reader = select(access_reader.c.reader_no).where(access_reader.c.reader_id == reader_id)
        yield _entry.reader_no == reader.scalar_subquery()
    if kind is not None:
        # The index of stated reasons is for this very text: no parameter's.
        yield _entry.kind == (literal_column(f"'{_OF_REASONS}'") if kind == _OF_REASONS else kind)


def _ids_of(
    connection: Connection, refs: Collection[bytes], conditions: Iterable[ColumnElement[bool]], most: int | None
) -> list[int]:
    """Give the ids of the entries in which one of these case records stands, newest first."""
    among = bulk.among(connection, _person.subject_ref, "refs")
    query = select(_person.entry_id).distinct().where(among, *conditions).order_by(_person.entry_id.desc()).limit(most)
    return list(connection.execute(query, {"refs": sorted(refs)}).scalars())


def entry(connection: Connection, entry_id: int) -> Logged:
    """Give one entry with all its people.

    Raises:
        NotFound: there is none, or its month was dropped.
    """
    row = _row(connection, entry_id)
    return _logged(row, people_of(connection, [entry_id])[entry_id])


def reason(connection: Connection, keys: AccessKeys, entry_id: int) -> str | None:
    """Open the reason that was stated in an entry, if any.

    Raises:
        NotFound: there is no such entry, or its month was dropped.
        StoreCorrupt: the entry was changed.
    """
    row = _row(connection, entry_id)
    if row.reason is None:
        return None
    line = line_of(row, people_of(connection, [entry_id])[entry_id])
    return keys.open(row.nonce, row.reason, clear_columns(entry_id, row.reader_no, row.number, line))


def _row(connection: Connection, entry_id: int) -> Row[Any]:
    row = connection.execute(select(access_entry).where(_entry.entry_id == entry_id)).one_or_none()
    if row is None:
        raise NotFound("the access log has no such entry, or its month was dropped")
    return row


def _between(
    column: ColumnElement[int], since: datetime | None, until: datetime | None, after: int | None
) -> list[ColumnElement[bool]]:
    found = []
    if since is not None:
        found.append(column >= lowest_id(since))
    if until is not None:
        found.append(column < lowest_id(until))
    if after is not None:
        found.append(column < after)
    return found


def people_of(
    connection: Connection, entry_ids: Sequence[int], refs: Collection[bytes] | None = None
) -> defaultdict[int, list[PersonRow]]:
    """Give the people of entries, by entry and sorted; only these, where some are given."""
    found: defaultdict[int, list[PersonRow]] = defaultdict(list)
    if not entry_ids:
        return found
    query = select(access_person).where(
        _person.entry_id.between(min(entry_ids), max(entry_ids)), bulk.among(connection, _person.entry_id, "entries")
    )
    given: dict[str, Any] = {"entries": list(entry_ids)}
    if refs is not None:
        query, given["refs"] = query.where(bulk.among(connection, _person.subject_ref, "refs")), sorted(refs)
    for row in connection.execute(query.order_by(_person.entry_id, _person.subject_ref), given):
        found[row.entry_id].append(PersonRow(*row[1:]))
    return found


def line_of(row: Row[Any], people: Sequence[PersonRow]) -> Line:
    """Give what an entry says, but for its reason."""
    said = (row.reader_id, row.roles, row.network, row.organisation, row.through, row.kind, row.code, row.outcome)
    return Line(*said, reason=None, people=people)


def _logged(row: Row[Any], people: Sequence[PersonRow]) -> Logged:
    line = line_of(row, people)
    return Logged(
        row.entry_id,
        moment_of_entry(row.entry_id),
        line.reader_id,
        tuple(line.roles.split(",")) if line.roles else (),
        line.network,
        line.organisation,
        line.through,
        line.kind,
        line.code,
        line.outcome,
        row.reason is not None,
        tuple(people),
    )


def states_reason(connection: Connection, reader_id: str, refs: Collection[bytes], since: int) -> bool:
    """Tell whether a reader stated a reason for one of these case records, in an entry of this id or later."""
    return reason_stated(connection, reader_id, refs, since) is not None


def reason_stated(connection: Connection, reader_id: str, refs: Collection[bytes], since: int) -> int | None:
    """Give the last such entry."""
    query = (
        select(_entry.entry_id)
        .join(access_person, _person.entry_id == _entry.entry_id)
        .where(
            _entry.kind == _OF_REASONS,
            _entry.reader_id == reader_id,
            _entry.entry_id >= since,
            _entry.outcome == "shown",
            _person.entry_id >= since,
            bulk.among(connection, _person.subject_ref, "refs"),
        )
    )
    last: int | None = connection.scalar(query.order_by(_entry.entry_id.desc()).limit(1), {"refs": list(refs)})
    return last


def raise_alarm(connection: Connection, entry_id: int, head: Head, counted: str, people: int, most: int) -> int:
    """Record that a reader asked for too many people; give the alarm's number."""
    values = {"entry_id": entry_id, "reader_no": head.reader_no, "reader_id": head.reader_id}
    statement = insert(access_alarm).values(**values, counted=counted, people=people, most=most)
    number: int = connection.execute(statement.returning(_alarm.alarm_no)).scalar_one()
    return number


def alarms(
    connection: Connection, *, is_open: bool | None = None, after: int | None = None, limit: int = 100
) -> list[Alarm]:
    """Give alarms, newest first: all, those not released yet, or those released; `after` is where a page ended."""
    query = _alarms().order_by(_alarm.alarm_no.desc()).limit(limit)
    if is_open is not None:
        query = query.where(_release.entry_id.is_(None) if is_open else _release.entry_id.is_not(None))
    if after is not None:
        query = query.where(_alarm.alarm_no < after)
    return [_alarm_of(row) for row in connection.execute(query)]


def alarm(connection: Connection, alarm_no: int) -> Alarm:
    """Give one alarm.

    Raises:
        NotFound: there is none of this number.
    """
    row = connection.execute(_alarms().where(_alarm.alarm_no == alarm_no)).one_or_none()
    if row is None:
        raise NotFound("there is no alarm of this number; `hub access alarms` shows them")
    return _alarm_of(row)


def _alarms() -> Select[Any]:
    released = access_alarm.join(access_release, _release.alarm_no == _alarm.alarm_no, isouter=True)
    both = released.join(access_entry, _entry.entry_id == _release.entry_id, isouter=True)
    columns = (_alarm.alarm_no, _alarm.entry_id, _alarm.reader_id, _alarm.counted, _alarm.people, _alarm.most)
    released_by = _entry.reader_id.label("released_by")
    return select(*columns, _release.entry_id.label("release_entry"), released_by).select_from(both)


def _alarm_of(row: Row[Any]) -> Alarm:
    released_at = None if row.release_entry is None else moment_of_entry(row.release_entry)
    said = (row.reader_id, row.counted, row.people, row.most, row.entry_id)
    return Alarm(row.alarm_no, moment_of_entry(row.entry_id), *said, released_at, row.released_by)


def release(connection: Connection, alarm_no: int, entry_id: int) -> int:
    """Let the reader of an alarm read again, by an entry that says who decided it; give the reader's number.

    Raises:
        NotFound: there is no such alarm.
        Usage: it was released already.
    """
    found = alarm(connection, alarm_no)
    let_go = update(access_reader).where(access_reader.c.alarm_no == alarm_no).values(alarm_no=None)
    reader_no = connection.execute(let_go.returning(access_reader.c.reader_no)).scalar_one_or_none()
    if found.released_at is not None or reader_no is None:
        raise Usage("this alarm was released already; a later one, if any, has another number")
    connection.execute(insert(access_release).values(alarm_no=alarm_no, entry_id=entry_id))
    return int(reader_no)

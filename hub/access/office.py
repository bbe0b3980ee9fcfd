"""What a data protection officer decides about the access log: who may read again, and which old months go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, func, insert, select, update

from hub.access.asking import Asked
from hub.access.recording import Entry, Recorder
from hub.access.volume import DAY, forget, forget_all
from hub.errors import Denied, Usage
from hub.ledger import accessqueries
from hub.ledger.accesslog import AccessKeys
from hub.ledger.accessmonths import Month, count_before, drop_before
from hub.ledger.accesstables import access_entry, access_purge, access_reader
from hub.ledger.database import reading, writing
from hub.ledger.moments import microseconds


def release(store: Engine, recorder: Recorder, asked: Asked, alarm_no: int, reason: str, now: datetime) -> None:
    """Let the reader of an alarm read again; their count begins anew.

    Raises:
        NotFound: there is no such alarm.
        Usage: it was released already, or no reason is given.
        Denied: it is the asking reader's own.
    """
    if not reason.strip():
        raise Usage("say why the reader may read again")
    with reading(store) as connection:
        found = accessqueries.alarm(connection, alarm_no)
    if found.reader_id == asked.reader.reader_id:
        raise Denied("nobody releases themselves; ask another data protection officer")
    if found.released_at is not None:
        raise Usage("this alarm was released already; a later one, if any, has another number")
    entry_id = recorder.record(asked, Entry(kind="release", reason=reason), now)
    with writing(store) as connection:
        forget(connection, accessqueries.release(connection, alarm_no, entry_id))


def purge(
    store: Engine, recorder: Recorder, keys: AccessKeys, asked: Asked, before: Month, *, kept_months: int, now: datetime
) -> int:
    """Drop the entries of all months before one; give their number.

    Raises:
        Usage: they must be kept for longer.
        StoreUnavailable: someone reads the log for long; nothing was dropped.
    """
    first = Month.of(now).after(-kept_months)
    if before > first:
        raise Usage(f"the access log is kept for {kept_months} months: nothing since {first} goes yet")
    entry_id = recorder.record(asked, Entry(kind="purge", code=str(before)), now)
    entry, reader = access_entry.c, access_reader.c
    last = select(func.max(entry.entry_id)).where(entry.entry_id < before.first_id).group_by(entry.reader_no)
    ends = select(entry.reader_no, entry.reader_id, entry.number, entry.mac).where(entry.entry_id.in_(last))
    with writing(store) as connection:
        for number_of, reader_id, number, mac in connection.execute(ends).all():
            seal = keys.purged(number_of, reader_id, number, mac)
            values = {"purged_number": number, "purged_mac": mac, "purged_seal": seal}
            connection.execute(update(access_reader).where(reader.reader_no == number_of).values(values))
        # The row comes first: in SQLite it is what lets older entries go.
        entries = count_before(connection, before)
        values = {"before_entry": before.first_id, "entries": entries, "entry_id": entry_id}
        connection.execute(insert(access_purge).values(values))
        drop_before(connection, before)
        forget_all(connection, microseconds(now) - DAY)
    return entries

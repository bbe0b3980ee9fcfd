"""Until when a reader sees of a person what they see now."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from hub.access.guard import Look, Seen
from hub.access.recording import Person, Recorder
from hub.audit.moments import day_in_france, midnight_in_france
from hub.domain.access import READ_AFTER, Reader, Sight, holds, is_led, is_own
from hub.ledger.accessmonths import lowest_id, moment_of_entry
from hub.ledger.accessqueries import reason_stated
from hub.ledger.texts import storable

_LAST = date.max - READ_AFTER - timedelta(days=2)
"""A later end stands for none: `9999-12-31`."""


def ends_at(look: Look, seen: Seen) -> datetime | None:
    """Give until when what the reader sees of a person stays as it is, or None while nothing ends it.

    A tie without an end of its own, or an auditor's office, ends nowhere; a stated reason after its hours.
    """
    sight, ground = seen.verdict
    if ground in {"break_glass", "data_protection"} or (ground == "audit" and sight is Sight.FULL):
        return reason_ends(look.connection, look.recorder, look.asked.reader, Person.of(seen.found), look.now)
    if ground == "audit":
        return None
    reader, today = look.asked.reader, day_in_france(look.now)
    theirs = is_led if ground == "site" else is_own
    ends = [tie.until_date for tie in seen.ties if theirs(reader, tie) and holds(tie, today)]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends) or max(known) > _LAST:
        return None
    return midnight_in_france(max(known) + READ_AFTER + timedelta(days=1))


def reason_ends(
    connection: Connection, recorder: Recorder, reader: Reader, person: Person, now: datetime
) -> datetime | None:
    """Give until when the reason counts that a reader stated last for a person, or None if none does."""
    hours = recorder.reason_counts_until(now) - now
    stated = reason_stated(connection, storable(reader.reader_id), person.refs, lowest_id(now - hours))
    return None if stated is None else moment_of_entry(stated) + hours

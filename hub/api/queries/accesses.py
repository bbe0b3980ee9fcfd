"""Who asked for a person: the access log's entries about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from hub.access.guard import Look
from hub.access.recording import Person
from hub.domain.access import Sight, Verdict
from hub.ledger import accessqueries
from hub.ledger.accessqueries import Logged
from hub.projections.finding import Found

AT_ONCE = 500


def of_person(look: Look, name: str, *, after: int | None, limit: int) -> list[Logged]:
    """Give the entries about a person, newest first, recorded as a reading of the log; nothing of them is shown.

    Raises:
        Denied: there is no such person. The attempt is recorded.
    """
    person = Person.of(person_named(look, name))
    return accessqueries.entries(look.connection, refs=person.refs, after=after, limit=limit)


def person_named(look: Look, name: str) -> Found:
    """Find the person whom entries are about, recorded as a reading of the log; nothing of them is shown.

    Raises:
        Denied: there is no such person. The attempt is recorded.
    """
    found = look.find(name)
    look.entry.kind = "access_log"
    look.entry.read(Person.of(found), Verdict(Sight.NOTHING, None))
    return found


def every(connection: Connection, refs: Sequence[bytes]) -> Iterator[Logged]:
    """Give all entries about a person's case records."""
    after: int | None = None
    while True:
        found = accessqueries.entries(connection, refs=refs, after=after, limit=AT_ONCE)
        yield from found
        if len(found) < AT_ONCE:
            return
        after = found[-1].entry_id


def said(entry: Logged) -> dict[str, Any]:
    """Give an entry of the access log as a document; of its people, the one whom this is about."""
    shown = max(entry.people, key=lambda row: row.sight, default=None)
    return {
        "entry_id": str(entry.entry_id),
        "at": entry.at,
        "reader_id": entry.reader_id,
        "roles": entry.roles,
        "network": entry.network,
        "organisation": entry.organisation,
        "through": entry.through,
        "kind": entry.kind,
        "code": entry.code,
        "outcome": entry.outcome,
        "ground": shown and shown.ground,
        "sight": Sight(shown.sight if shown else Sight.NOTHING).name.lower(),
    }

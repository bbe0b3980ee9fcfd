"""A record in quarantine as an operator may see it: how it is made and where it came from, never what it says.

Its values stay at the command line (`hub quarantine show --bytes`), for whoever has the machine and the key.
"""

from __future__ import annotations

from typing import NamedTuple

from hub.access.asking import Asked
from hub.api.services import Services
from hub.codec.outline import Outline
from hub.errors import NotFound
from hub.ledger.quarantine import Decision, Quarantined, Summary
from hub.ledger.quarantinequeries import about

LAST_ID = 2**63 - 1
"""Databases count no further."""
_CLOUD_EVENTS = ("specversion", "id", "type", "source", "time", "dataschema", "sequence")
_KNOWN_HEADERS = frozenset(("content-type", "traceparent", "tracestate", *(f"ce_{name}" for name in _CLOUD_EVENTS)))
MOST_HEADERS = 50


class Header(NamedTuple):
    """A header by its name, None where it is none that the hub knows, since a name could say something too."""

    name: str | None
    bytes: int


class Made(NamedTuple):
    """How a record is made; a size is None where there is nothing."""

    value_bytes: int | None
    key_bytes: int | None
    headers: list[Header]
    outline: Outline


class Opened(NamedTuple):
    """An entry, what was decided about it, and how its record is made: None once its bytes were destroyed."""

    summary: Summary
    decisions: list[Decision]
    made: Made | None


def open_entry(services: Services, asked: Asked, entry_id: int) -> Opened:
    """Open an entry; that it was looked at is recorded, as at the command line.

    Raises:
        NotFound: there is no such entry.
        StoreCorrupt: its bytes were changed since they were stored.
        StoreUnavailable: it could not be recorded; nothing may be shown.
    """
    with services.guard.reading(asked) as look:
        look.entry.kind, look.entry.code = "quarantine", str(entry_id)
        summary, decisions = about(look.connection, entry_id)
        try:
            found = services.quarantine.show(look.connection, entry_id)
        except NotFound:
            found = None
    return Opened(summary, decisions, None if found is None else _made(services, found))


def _made(services: Services, found: Quarantined) -> Made:
    headers = [
        Header(name if name in _KNOWN_HEADERS else None, len(value or b""))
        for name, value in found.headers[:MOST_HEADERS]
    ]
    return Made(
        None if found.value is None else len(found.value),
        None if found.key is None else len(found.key),
        headers,
        services.mending.outline(found.value),
    )

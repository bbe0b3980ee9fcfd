"""Acceptance: events that keep the contract enter the ledger once and are projected, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from hub.consumers.gate import Passed, Refused
from hub.errors import ContentConflict
from hub.ledger import duplicates, ledger, relinked
from hub.ledger.duplicates import Duplicate
from hub.ledger.ledger import NewEntry
from hub.privacy.keystore import KeyStore
from hub.projections import generations
from hub.projections.engine import Arrival, Projector


class Outcome(NamedTuple):
    """How many events were new and how many repetitions, and the records whose content conflicts with the first."""

    accepted: int
    duplicates: int
    conflicts: list[Refused]


class Acceptance:
    """The only way into the ledger."""

    def __init__(self, keystore: KeyStore, projector: Projector, random_bytes: Callable[[int], bytes]) -> None:
        self._keystore = keystore
        self._projector = projector
        self._random_bytes = random_bytes

    def prepare(self, passed: Sequence[Passed]) -> None:
        """Create the missing data keys; they commit before the transaction that needs them."""
        self._keystore.ensure({each.subject for each in passed})

    def accept(self, connection: Connection, passed: Sequence[Passed], stamp: datetime, *, resets: int) -> Outcome:
        """Append what is new, note what repeats, name what conflicts, and project.

        `resets` is how often the offset of the records' partition was reset before they were read.

        Raises:
            EventConflict: another worker appended one of these events meanwhile; roll back and try again.
            Contended: other workers changed what these events concern meanwhile; likewise.
        """
        seen = ledger.known(connection, {each.event_id for each in passed})
        new: list[Passed] = []
        repeated: list[Duplicate] = []
        conflicts: list[Refused] = []
        for each in passed:
            first = seen.setdefault(each.event_id, each.content_mac)
            record = each.record
            if first != each.content_mac:
                conflicts.append(Refused(record, ContentConflict.code, _conflict(each)))
            elif first is not each.content_mac:
                repeated.append(Duplicate(record.topic, record.partition, record.offset, each.event_id, resets))
            else:
                new.append(each)
        duplicates.record(connection, repeated, stamp=stamp)
        self._take(connection, new, stamp)
        return Outcome(len(new), len(repeated), conflicts)

    def _take(self, connection: Connection, new: Sequence[Passed], stamp: datetime) -> None:
        """Project, then append: from its append to its commit a transaction keeps every other one from appending."""
        if not new:
            return
        tables = generations.live_to_write(connection)
        keys = self._keystore.ensure({each.subject for each in new})
        arrivals = [Arrival(keys[each.subject], each.event) for each in new]
        entries = [
            NewEntry(
                each.event_id,
                arrival.key,
                type(each.event).__name__,
                each.schema_id,
                each.body,
                each.content_mac,
                each.record.topic,
                each.record.partition,
                each.record.offset,
            )
            for each, arrival in zip(new, arrivals, strict=True)
        ]
        moved = self._projector.apply(connection, tables, arrivals)
        positions = ledger.append(connection, entries, stamp=stamp, random_bytes=self._random_bytes)
        relinked.record(connection, positions[-1], moved)


def _conflict(each: Passed) -> str:
    return (
        f"event id {each.event.meta.event_id} is in the ledger with other content, and the first one stands; "
        "publish a changed fact under a new event id"
    )

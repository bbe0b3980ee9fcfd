"""Replay: any pathway as it was at a moment, as it was known at a moment, or both.

`known_at` keeps the ledger's prefix stamped by that moment. `as_of` keeps what had occurred by then; people's decisions
and voids act in knowledge time, so all that are known apply, whenever they were taken; a void of a later day is not
shown itself. Identity is resolved anew from what is left: links show as they stood, or as they were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from hub.codec.avro import Codec
from hub.domain.events.base import Decision, Event
from hub.domain.events.correction import EventVoided
from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import KeyedHash
from hub.domain.identity.resolve import Resolution, decision_of, resolve
from hub.domain.ids import CaseKey
from hub.domain.order import order_key
from hub.domain.pathway import pathway
from hub.domain.pathway.correction import announce
from hub.domain.pathway.pathway import EMPTY, Pathway
from hub.ledger import ledger
from hub.privacy.keystore import KeyStore
from hub.projections import records
from hub.projections.tables import Tables


class Replayed(NamedTuple):
    """A pathway at a moment: its state, its case records and its events in canonical order, voided ones included.

    `resolution` says why these records and no others; it is about all records that could ever be linked to them.
    """

    state: Pathway
    cases: tuple[CaseKey, ...]
    events: tuple[Event, ...]
    resolution: Resolution


class Replay:
    """Folds histories again, from the ledger alone."""

    def __init__(self, codec: Codec, keystore: KeyStore, keyed_hash: KeyedHash) -> None:
        self._codec = codec
        self._keystore = keystore
        self._keyed_hash = keyed_hash

    def at(
        self,
        connection: Connection,
        tables: Tables,
        case: records.CaseRow,
        *,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Replayed:
        """Replay the pathway that a case record had; one without any event then is empty."""
        reached = records.by_number(connection, tables, records.closure(connection, tables, [case.case_no]))
        limit = None if known_at is None else ledger.position_at(connection, known_at)
        keys = self._keystore.require([row.subject_ref for row in reached.values()])
        entries = ledger.read_subjects(connection, list(keys.values()), up_to_position=limit)
        events = [self._codec.decode_body(entry.schema_id, entry.body) for entry in entries]
        shown = [event for event in events if _is_of(event, as_of)]
        subjects = {event.meta.event_id: event.subject for event in shown}
        later = [
            event
            for event in events
            if isinstance(event, EventVoided)
            and not _is_of(event, as_of)
            and subjects.get(event.voided_event_id) == event.subject
        ]
        return self._folded(case.case, shown, sorted(later, key=order_key))

    def _folded(self, case: CaseKey, events: Sequence[Event], later: Sequence[EventVoided]) -> Replayed:
        """Fold what is shown; the voids of `later` reach some of it, and are not among it."""
        by_case: dict[CaseKey, list[Event]] = {}
        decisions = []
        for event in sorted(events, key=order_key):
            _, network, scope, local_id = event.subject
            by_case.setdefault(CaseKey(network, scope, local_id), [])
            if isinstance(event, PairDecision):
                decisions.append(decision_of(event))
            else:
                by_case[CaseKey(network, scope, local_id)].append(event)
        if case not in by_case:
            return Replayed(EMPTY, (case,), (), Resolution((), (), (), ()))
        voids = {each: [void for void in later if CaseKey(*void.subject[1:]) == each] for each in by_case}
        gathered = [
            records.gathered(each, [*history, *voids[each]], self._keyed_hash) for each, history in by_case.items()
        ]
        keys = {what.evidence.case: what.trait_key for what in gathered}
        resolution = resolve((what.evidence for what in gathered), keys, decisions)
        members = next(cluster for cluster in resolution.clusters if case in cluster)
        ordered = _ordered(event for member in members for event in by_case[member])
        reached = [void for member in members for void in voids[member]]
        start = replace(EMPTY, corrections=announce(EMPTY.corrections, reached))
        return Replayed(pathway.fold(ordered, start), members, tuple(ordered), resolution)


def _is_of(event: Event, as_of: datetime | None) -> bool:
    """Tell whether an event is shown as of a moment: it had occurred, or is a decision, which has no place in time."""
    return as_of is None or isinstance(event, Decision) or order_key(event)[0] <= as_of


def _ordered(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=order_key)

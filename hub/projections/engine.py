"""The projection engine: accepted events in, rows of one generation out, inside the caller's transaction.

The rows are a pure function of the set of events in the ledger. An event in canonical order evolves the stored state;
anything else (a late event, a void, a link) refolds the pathways concerned from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Update, and_, bindparam, select

from hub.codec.avro import Codec
from hub.domain.events.base import Event
from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import KeyedHash
from hub.domain.ids import uuid_bytes
from hub.domain.order import order_key
from hub.domain.pathway import correction, pathway
from hub.domain.pathway.pathway import EMPTY, Pathway
from hub.domain.subjects import fold as subjects
from hub.errors import EventConflict, StoreCorrupt
from hub.ledger import ledger
from hub.privacy.keystore import KeyStore, SubjectKey
from hub.projections import admission, changes, locking, records, timeline, writer
from hub.projections.admission import Histories
from hub.projections.changes import Change
from hub.projections.grouping import Regrouped, regroup
from hub.projections.models import PERSON_MODELS, SUBJECT_MODELS
from hub.projections.records import CaseRow
from hub.projections.stored import decoded
from hub.projections.tables import Tables

_PATHWAYS_AT_ONCE = 500
"""States and histories in memory at a time: a large batch touches thousands of pathways."""
_ENCODER = msgspec.msgpack.Encoder()
_PATHWAY = msgspec.msgpack.Decoder(Pathway)


class Arrival(NamedTuple):
    """An accepted event with its subject's key."""

    key: SubjectKey
    event: Event


class Projector:
    """Keeps the read model in step with the ledger."""

    def __init__(self, codec: Codec, keystore: KeyStore, keyed_hash: KeyedHash) -> None:
        self._codec = codec
        self._keystore = keystore
        self._keyed_hash = keyed_hash

    def apply(
        self, connection: Connection, tables: Tables, arrivals: Sequence[Arrival], *, up_to_position: int | None = None
    ) -> frozenset[bytes]:
        """Project events, each given once.

        Without `up_to_position` they are new: the ledger does not hold them yet, and takes them in this transaction.
        With it, the ledger holds them up to that position and nobody else writes to the generation: a rebuild.

        Returns:
            The case records, by reference, whose pathway has other members now although none of these got an event.

        Raises:
            EventConflict: another worker stored one of them meanwhile; roll back.
            Contended: other workers changed what they concern meanwhile; roll back.
        """
        cases: dict[SubjectKey, list[Event]] = {}
        others: dict[SubjectKey, list[Event]] = {}
        for key, event in arrivals:
            (cases if key.subject.kind == "case" else others).setdefault(key, []).append(event)
        histories = partial(self._histories, connection, cases | others, up_to_position)
        is_shared = up_to_position is None and locking.is_shared(connection)
        known = records.by_reference(connection, tables, [key.ref for key in cases])
        if is_shared:
            mine = [key.ref for key, events in cases.items() if admission.is_about_identity(known, key, events)]
            locking.claim(connection, tables, locking.SUBJECT, [*mine, *(key.ref for key in others)])
            known |= records.by_reference(connection, tables, mine)
        said = admission.hear(cases, known, histories, self._keyed_hash)
        if is_shared:
            said = admission.lock(connection, tables, said, self._keyed_hash)
            _refuse_known(connection, arrivals)
        relinked = self._people(connection, tables, cases, said, histories) if cases else frozenset()
        if others:
            self._others(connection, tables, histories(others, None))
        return relinked

    def _people(
        self,
        connection: Connection,
        tables: Tables,
        cases: Mapping[SubjectKey, list[Event]],
        said: admission.Said,
        histories: Histories,
    ) -> frozenset[bytes]:
        rows, fresh, relinked = admission.store(connection, tables, said, self._keyed_hash)
        regrouped = regroup(connection, tables, relinked) if relinked else Regrouped({}, frozenset())
        numbers = {row.case_no: no for no, members in regrouped.members.items() for row in members}
        arrived: dict[int, list[Event]] = {}
        for key, events in cases.items():
            row = rows[key.ref]
            number = numbers.get(row.case_no, row.pathway_no)
            if number is None:
                raise StoreCorrupt("a case record of the read model belongs to no pathway; run `hub rebuild`")
            arrived.setdefault(number, []).extend(event for event in events if not isinstance(event, PairDecision))
        write_timeline(connection, tables, ((rows[key.ref].case_no, cases[key]) for key in cases))
        self._fold(connection, tables, arrived, regrouped, fresh, histories)
        silent = (members for number, members in regrouped.members.items() if number not in arrived)
        return frozenset(row.subject_ref for members in silent for row in members)

    def _histories(
        self,
        connection: Connection,
        arrived: Mapping[SubjectKey, Sequence[Event]],
        limit: int | None,
        keys: Iterable[SubjectKey],
        event_types: Sequence[str] | None = None,
    ) -> dict[SubjectKey, list[Event]]:
        """Read whole histories, with the arrivals of any type that the ledger does not hold yet."""
        found = self.histories(connection, keys, limit, event_types)
        if limit is None:
            for key, history in found.items():
                history.extend(arrived.get(key, ()))
        return found

    def histories(
        self,
        connection: Connection,
        keys: Iterable[SubjectKey],
        limit: int | None,
        event_types: Sequence[str] | None = None,
    ) -> dict[SubjectKey, list[Event]]:
        """Read the events of subjects from the ledger, in the order of their positions."""
        wanted = {key.ref: key for key in keys}
        found: dict[SubjectKey, list[Event]] = {key: [] for key in wanted.values()}
        if wanted:
            entries = ledger.read_subjects(connection, wanted.values(), up_to_position=limit, event_types=event_types)
            for entry in entries:
                found[wanted[entry.subject_ref]].append(self._codec.decode_body(entry.schema_id, entry.body))
        return found

    def _fold(
        self,
        connection: Connection,
        tables: Tables,
        arrived: Mapping[int, list[Event]],
        regrouped: Regrouped,
        fresh: frozenset[bytes],
        histories: Histories,
    ) -> None:
        touched = sorted({*arrived, *regrouped.members, *regrouped.retired})
        for numbers in records.chunks(touched, _PATHWAYS_AT_ONCE):
            self._fold_some(connection, tables, numbers, arrived, regrouped, fresh, histories)

    def _fold_some(
        self,
        connection: Connection,
        tables: Tables,
        numbers: Sequence[int],
        arrived: Mapping[int, list[Event]],
        regrouped: Regrouped,
        fresh: frozenset[bytes],
        histories: Histories,
    ) -> None:
        stored = load_states(connection, tables, numbers)
        retired = [number for number in numbers if number in regrouped.retired]
        ready: dict[int, list[Event]] = {}
        refold: dict[int, Sequence[CaseRow]] = {}
        for number in numbers:
            if number in regrouped.retired:
                continue
            events = sorted(arrived.get(number, ()), key=order_key)
            members = regrouped.members.get(number)
            if members is not None and any(row.subject_ref not in fresh for row in members):
                refold[number] = members
            elif events and pathway.must_refold(stored.get(number, EMPTY), events):
                refold[number] = ()
            elif events:
                ready[number] = events
        missing = [number for number, members in refold.items() if not members]
        refold.update(records.of_pathways(connection, tables, missing))
        after = {number: pathway.fold(events, stored.get(number, EMPTY)) for number, events in ready.items()}
        after |= self._refolded(refold, histories)
        after |= dict.fromkeys(retired, EMPTY)
        store_states(connection, tables, stored, after)
        written = [Change(number, stored.get(number, EMPTY), state) for number, state in after.items()]
        changes.write(connection, tables, PERSON_MODELS, written)
        mark_voided(connection, tables, written)

    def _refolded(self, pathways: Mapping[int, Sequence[CaseRow]], histories: Histories) -> dict[int, Pathway]:
        """Fold pathways from their whole histories."""
        keys = self._keystore.require([row.subject_ref for members in pathways.values() for row in members])
        by_ref = {key.ref: events for key, events in histories(keys.values(), None).items()}
        folded = {}
        for number, members in pathways.items():
            events = [
                event
                for row in members
                for event in by_ref.get(row.subject_ref, ())
                if not isinstance(event, PairDecision)
            ]
            folded[number] = pathway.fold(sorted(events, key=order_key))
        return folded

    def _others(self, connection: Connection, tables: Tables, histories: Mapping[SubjectKey, Sequence[Event]]) -> None:
        table = tables.subject_fold
        for kind, models in SUBJECT_MODELS.items():
            of_kind = [key for key in histories if key.subject.kind == kind]
            rows = records.select_in(
                connection, table.c[:], table.c.subject_id, [key.subject.local_id for key in of_kind]
            )
            stored = {
                row.subject_id: decoded(partial(subjects.decode, kind), row.state) for row in rows if row.kind == kind
            }
            after = {
                key.subject.local_id: subjects.fold(kind, sorted(histories[key], key=order_key)) for key in of_kind
            }
            nothing = subjects.KINDS[kind].initial
            written = [Change(name, stored.get(name, nothing), state) for name, state in after.items()]
            changes.write(connection, tables, models, written)
            writer.delete(connection, table, [(kind, name) for name in stored])
            writer.insert(connection, table, [(kind, name, _ENCODER.encode(state)) for name, state in after.items()])


def _refuse_known(connection: Connection, arrivals: Iterable[Arrival]) -> None:
    """Make sure that nobody stored one of the events before the locks were held: what it changed is seen only now."""
    if ledger.known(connection, [uuid_bytes(event.meta.event_id) for _, event in arrivals]):
        raise EventConflict("another worker stored an event of the batch; roll back, look up the known ids and go on")


def load_states(connection: Connection, tables: Tables, numbers: Iterable[int]) -> dict[int, Pathway]:
    """Load the stored states of pathways."""
    table = tables.fold
    rows = records.select_in(connection, table.c[:], table.c.pathway_no, numbers)
    return {number: decoded(_PATHWAY.decode, state) for number, state in rows}


def encode_state(state: Pathway) -> bytes:
    """Give the bytes that a pathway's state is stored as."""
    return _ENCODER.encode(state)


def store_states(connection: Connection, tables: Tables, before: Iterable[int], after: Mapping[int, Pathway]) -> None:
    """Replace the stored states of pathways; one without events has none."""
    writer.delete(connection, tables.fold, [(number,) for number in before if number in after])
    kept = [(number, encode_state(state)) for number, state in after.items() if state.events]
    writer.insert(connection, tables.fold, kept)


def write_timeline(connection: Connection, tables: Tables, cases: Iterable[tuple[int, Iterable[Event]]]) -> None:
    """Insert the timeline rows of new events."""
    rows = [
        (case_no, *timeline.timeline_row(event, None))
        for case_no, events in cases
        for event in events
        if not isinstance(event, PairDecision)
    ]
    writer.insert(connection, tables.timeline, rows)


def mark_voided(connection: Connection, tables: Tables, written: Iterable[Change[Pathway]]) -> None:
    """Mark the timeline rows of voided events with the void that counts; a void reaches only its own case."""
    marks = []
    for change in written:
        corrections = change.after.corrections
        if corrections != change.before.corrections:
            for target, void in correction.effective(corrections).items():
                subjects_of = {each.event_id: each.subject for each in corrections.voids[target]}
                _, network, scope, local_id = subjects_of[void]
                case = {"of_network": network, "of_scope": scope, "of_local_id": local_id}
                marks.append({"target": target, "void": void, **case})
    if marks:
        connection.execute(_mark(tables), marks)


@lru_cache(maxsize=8)
def _mark(tables: Tables) -> Update:
    line, case = tables.timeline.c, tables.case_record.c
    of_case = select(case.case_no).where(
        case.network == bindparam("of_network"),
        case.scope == bindparam("of_scope"),
        case.local_id == bindparam("of_local_id"),
    )
    here = and_(line.case_no == of_case.scalar_subquery(), line.event_id == bindparam("target"))
    return tables.timeline.update().where(here).values(voided_by=bindparam("void"))

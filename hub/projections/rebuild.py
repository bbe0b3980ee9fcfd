"""A rebuild: a new generation from the ledger, beside the live one, caught up and switched in by one transaction.

It goes in short transactions, so that ingest never waits long: first every case record with what it says about
identity, then pathway by pathway, then what the ledger got meanwhile, through the ordinary engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from hub.codec.avro import Codec
from hub.domain.events.base import Event
from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import KeyedHash
from hub.domain.order import order_key
from hub.domain.pathway import pathway
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from hub.privacy.keystore import KeyStore, SubjectKey
from hub.projections import changes, engine, generations, records
from hub.projections.changes import Change
from hub.projections.engine import Arrival, Projector
from hub.projections.grouping import regroup
from hub.projections.models import PERSON_MODELS
from hub.projections.records import CaseRow
from hub.projections.tables import Tables

_SUBJECTS_AT_ONCE = 500
_ENTRIES_AT_ONCE = 2_000
_DECIDED_BY = tuple(event_type.__name__ for event_type in PairDecision.__subclasses__())

Progress = Callable[[int, int], None]
"""Told how many subjects' histories were read, of how many."""


class Rebuild:
    """Builds a new generation; the live one serves readers and takes events until the switch."""

    def __init__(
        self,
        store: Engine,
        projector: Projector,
        codec: Codec,
        keystore: KeyStore,
        keyed_hash: KeyedHash,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._projector = projector
        self._codec = codec
        self._keystore = keystore
        self._keyed_hash = keyed_hash
        self._now = now

    def run(self, progress: Progress) -> int:
        """Rebuild and switch; give the new generation's number. A build broken off leaves the live one as it was.

        Raises:
            Usage: another rebuild began meanwhile, and goes on in place of this one.
        """
        with writing(self._store) as connection:
            built = generations.begin(connection, self._now())
            limit = ledger.last_position(connection)
        total = self._subjects(built, limit, progress)
        self._pathways(built, limit, total, progress)
        self._catch_up(built, limit)
        generations.drop_retired(self._store)
        return built.number

    @contextmanager
    def _writing(self, built: Tables) -> Iterator[Connection]:
        """Give a transaction that writes to the generation, if no other rebuild has dropped it."""
        with writing(self._store) as connection:
            generations.check_building(connection, built.number)
            yield connection

    def _subjects(self, built: Tables, limit: int, progress: Progress) -> int:
        """Store every case record with its evidence, and every other subject whole."""
        after, cases = b"", 0
        while True:
            with reading(self._store) as connection:
                refs = ledger.subject_refs(connection, after=after, up_to_position=limit, limit=_SUBJECTS_AT_ONCE)
            if not refs:
                return cases
            keys = list(self._keystore.by_ref(refs).values())
            of_cases = [key for key in keys if key.subject.kind == "case"]
            with self._writing(built) as connection:
                self._records(connection, built, of_cases, limit)
                self._others(connection, built, [key for key in keys if key.subject.kind != "case"], limit)
            after, cases = refs[-1], cases + len(of_cases)
            progress(0, cases)

    def _records(self, connection: Connection, built: Tables, keys: Sequence[SubjectKey], limit: int) -> None:
        wanted = (*records.GATHERED_FROM, *_DECIDED_BY)
        histories = self._projector.histories(connection, keys, limit, wanted)
        found = {
            key: records.gathered(
                records.case_of(key),
                [event for event in events if not isinstance(event, PairDecision)],
                self._keyed_hash,
            )
            for key, events in histories.items()
        }
        numbers = {row.subject_ref: row.case_no for row in records.store_new(connection, built, found)}
        decided = [
            (numbers[key.ref], event)
            for key, events in histories.items()
            for event in events
            if isinstance(event, PairDecision)
        ]
        records.store_decisions(connection, built, decided, self._keyed_hash)

    def _others(self, connection: Connection, built: Tables, keys: Sequence[SubjectKey], limit: int) -> None:
        arrivals = [
            Arrival(key, event)
            for key, events in self._projector.histories(connection, keys, limit).items()
            for event in events
        ]
        self._projector.apply(connection, built, arrivals, up_to_position=limit)

    def _pathways(self, built: Tables, limit: int, total: int, progress: Progress) -> None:
        """Number and fold every cluster of case records."""
        done, table = 0, built.case_record
        waiting = (
            select(table.c.case_no)
            .where(table.c.pathway_no.is_(None))
            .order_by(table.c.case_no)
            .limit(_SUBJECTS_AT_ONCE)
        )
        while True:
            with self._writing(built) as connection:
                numbers = connection.execute(waiting).scalars().all()
                if not numbers:
                    return
                members = regroup(connection, built, numbers).members
                done += sum(map(len, members.values()))
                self._write(connection, built, members, limit)
            progress(done, total)

    def _write(
        self, connection: Connection, built: Tables, members: Mapping[int, Sequence[CaseRow]], limit: int
    ) -> None:
        refs = {row.subject_ref: (number, row.case_no) for number, rows in members.items() for row in rows}
        keys = self._keystore.by_ref(refs)
        events: dict[int, list[Event]] = {number: [] for number in members}
        of_cases: list[tuple[int, list[Event]]] = []
        for key, history in self._projector.histories(connection, keys.values(), limit).items():
            number, case_no = refs[key.ref]
            of_cases.append((case_no, history))
            events[number].extend(event for event in history if not isinstance(event, PairDecision))
        folded = {number: pathway.fold(sorted(history, key=order_key)) for number, history in events.items()}
        written = [Change(number, None, state) for number, state in folded.items()]
        engine.write_timeline(connection, built, of_cases)
        engine.store_states(connection, built, (), folded)
        changes.write(connection, built, PERSON_MODELS, written)
        engine.mark_voided(connection, built, written)

    def _catch_up(self, built: Tables, position: int) -> None:
        """Project what came meanwhile; the last stretch and the switch are one transaction that holds ingest back."""
        while True:
            with self._writing(built) as connection:
                entries = ledger.read_all(connection, self._keystore, position, _ENTRIES_AT_ONCE)
                if entries:
                    self._project(connection, built, entries)
                    position = entries[-1].position
                    generations.advance(connection, built.number, position)
                if len(entries) < _ENTRIES_AT_ONCE:
                    generations.switch(connection, built.number, self._now())
                    return

    def _project(self, connection: Connection, built: Tables, entries: Sequence[ledger.Entry]) -> None:
        keys = self._keystore.by_ref({entry.subject_ref for entry in entries})
        arrivals = [
            Arrival(keys[entry.subject_ref], self._codec.decode_body(entry.schema_id, entry.body)) for entry in entries
        ]
        self._projector.apply(connection, built, arrivals, up_to_position=entries[-1].position)

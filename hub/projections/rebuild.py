"""A rebuild: a new generation from the ledger, beside the live one, caught up and switched in by one transaction.

It goes in short transactions, so that ingest never waits long: first every case record with what it says about
identity, then pathway by pathway, then what the ledger got meanwhile, through the ordinary engine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from hub.codec.avro import Codec
from hub.domain.identity.evidence import KeyedHash
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from hub.privacy.keystore import KeyStore, SubjectKey
from hub.projections import generations, records, writer
from hub.projections.building import Builder, Crew, Heard
from hub.projections.engine import Arrival, Projector
from hub.projections.grouping import regroup
from hub.projections.tables import Tables
from hub.projections.writer import Ready

_SUBJECTS_AT_ONCE = 500
_ENTRIES_AT_ONCE = 2_000

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told how many case records are done, of how many."""


class Rebuild:
    """Builds a new generation; the live one serves readers and takes events until the switch."""

    def __init__(
        self,
        store: Engine,
        projector: Projector,
        codec: Codec,
        keystore: KeyStore,
        keyed_hash: KeyedHash,
        crew: Crew,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._projector = projector
        self._codec = codec
        self._keystore = keystore
        self._keyed_hash = keyed_hash
        self._crew = crew
        self._now = now

    def run(self, progress: Progress) -> int:
        """Rebuild and switch; give the new generation's number. A build broken off leaves the live one as it was.

        Raises:
            Usage: another rebuild began meanwhile, and goes on in place of this one.
        """
        with writing(self._store) as connection:
            built = generations.begin(connection, self._now())
            limit = ledger.last_position(connection)
        total = 0
        for heard, others in self._in_turn(self._hearings(limit)):
            with self._writing(built) as connection:
                self._records(connection, built, heard)
                self._others(connection, built, others, limit)
            total += len(heard)
            progress(0, total)
        done = 0
        for rows in self._in_turn(self._foldings(built, limit)):
            with self._writing(built) as connection:
                for name, of_table in rows.items():
                    writer.insert_converted(connection, built.metadata.tables[name], of_table)
            done = min(total, done + _SUBJECTS_AT_ONCE)
            progress(done, total)
        self._catch_up(built, limit)
        generations.drop_retired(self._store)
        return built.number

    @contextmanager
    def _writing(self, built: Tables) -> Iterator[Connection]:
        """Give a transaction that writes to the generation, if no other rebuild has dropped it."""
        with writing(self._store) as connection:
            generations.check_building(connection, built.number)
            yield connection

    def _in_turn(self, tasks: Iterator[Callable[[Builder], T]]) -> Iterator[T]:
        """Give the tasks' results in their order, while the crew works ahead by one task each: memory stays flat."""
        waiting: deque[Future[T]] = deque()
        for task in tasks:
            waiting.append(self._crew.submit(task))
            if len(waiting) > self._crew.workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _hearings(self, limit: int) -> Iterator[Callable[[Builder], tuple[list[Heard], list[SubjectKey]]]]:
        after = b""
        while True:
            with reading(self._store) as connection:
                refs = ledger.subject_refs(connection, after=after, up_to_position=limit, limit=_SUBJECTS_AT_ONCE)
            if not refs:
                return
            after = refs[-1]
            yield partial(Builder.hear, refs=refs, limit=limit)

    def _records(self, connection: Connection, built: Tables, heard: Sequence[Heard]) -> None:
        """Store case records with what they say about identity."""
        rows = records.store_new(connection, built, {each.key: each.gathered for each in heard})
        numbers = {row.subject_ref: row.case_no for row in rows}
        decided = [(numbers[each.key.ref], decision) for each in heard for decision in each.decisions]
        records.store_decisions(connection, built, decided, self._keyed_hash)

    def _others(self, connection: Connection, built: Tables, keys: Sequence[SubjectKey], limit: int) -> None:
        """Project the subjects that are no cases, whole."""
        arrivals = [
            Arrival(key, event)
            for key, events in self._projector.histories(connection, keys, limit).items()
            for event in events
        ]
        self._projector.apply(connection, built, arrivals, up_to_position=limit)

    def _foldings(self, built: Tables, limit: int) -> Iterator[Callable[[Builder], dict[str, Ready]]]:
        """Number every cluster of case records, chunk by chunk, and give the folding of each chunk as a task."""
        table = built.case_record
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
                regrouped = regroup(connection, built, numbers).members
            members = {number: [(row.case_no, row.subject_ref) for row in cases] for number, cases in regrouped.items()}
            yield partial(Builder.rows, number=built.number, members=members, limit=limit)

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
        keys = self._keystore.require({entry.subject_ref for entry in entries})
        arrivals = [
            Arrival(keys[entry.subject_ref], self._codec.decode_body(entry.schema_id, entry.body)) for entry in entries
        ]
        self._projector.apply(connection, built, arrivals, up_to_position=entries[-1].position)

"""A rebuild: a new generation from the ledger, beside the live one, caught up and switched in by one transaction.

It goes in short transactions, so that ingest never waits long: first every case record with what it says about
identity, then pathway by pathway, then what the ledger got meanwhile, through the ordinary engine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from hub.codec.avro import Codec
from hub.domain.identity.evidence import KeyedHash
from hub.errors import ProcessLost
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from hub.privacy.keystore import KeyStore
from hub.projections import generations, locking, records
from hub.projections.building import Builder, Crew, Hearing, Rows, made_and_stored
from hub.projections.engine import Arrival, Projector
from hub.projections.grouping import regroup
from hub.projections.patience import Sleep, patiently, switched, written_to
from hub.projections.records import CaseRow
from hub.projections.tables import Tables

_SUBJECTS_AT_ONCE = 500
_ENTRIES_AT_ONCE = 2_000
_CHASES = 20
"""How often a build runs to where the ledger ended when it set off: ingest may be about as fast as it is."""

T = TypeVar("T")
Task = Callable[[Builder], Hearing | Rows]
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
        *,
        now: Callable[[], datetime],
        sleep: Sleep,
    ) -> None:
        self._store = store
        self._projector = projector
        self._codec = codec
        self._keystore = keystore
        self._crew = crew
        self._builder = Builder(store, projector, keystore, keyed_hash, sleep)
        self._now = now
        self._sleep = sleep

    def run(self, progress: Progress) -> int:
        """Rebuild and switch; give the new generation's number. A build broken off leaves the live one as it was.

        Raises:
            Usage: another rebuild began meanwhile, and goes on in place of this one.
            ProcessLost: a worker process ended.
        """
        generations.drop_retired(self._store)
        with writing(self._store) as connection:
            built = generations.begin(connection, self._now())
            # All up to here is committed, also with many writers: positions are given and committed in one order.
            limit = ledger.last_position(connection)
        total = 0
        for count in self._made(built, limit, self._hearings(limit)):
            total += count
            progress(0, total)
        self._gather_statistics(built)
        done = 0
        for count in self._made(built, limit, self._foldings(built, limit)):
            done = min(total, done + count)
            progress(done, total)
        self._gather_statistics(built)
        self._catch_up(built, limit)
        patiently(self._sleep, partial(generations.drop_retired, self._store))
        return built.number

    def _made(self, built: Tables, limit: int, tasks: Iterator[Task]) -> Iterator[int]:
        """Have the tasks done and store what they give; gives how many case records each was about."""
        if locking.is_shared(self._store):
            yield from self._in_turn(partial(made_and_stored, built.number, limit, task) for task in tasks)
        else:
            for made in self._in_turn(tasks):
                yield self._builder.store(built, made, limit)

    def _in_turn(self, tasks: Iterator[Callable[[Builder], T]]) -> Iterator[T]:
        """Give the tasks' results in their order, while the crew works ahead by one task each: memory stays flat."""
        waiting: deque[Future[T]] = deque()
        try:
            for task in tasks:
                waiting.append(self._crew.submit(task))
                if len(waiting) > self._crew.workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenExecutor as error:
            raise ProcessLost(
                "a worker process of the rebuild ended: for want of memory, or because it could not open the stores, "
                "which it said above; the read model is as it was. Set HUB_REBUILD_WORKERS lower, then run it again"
            ) from error

    def _hearings(self, limit: int) -> Iterator[Task]:
        after = b""
        while True:
            refs = patiently(self._sleep, partial(self._refs, after, limit))
            if not refs:
                return
            after = refs[-1]
            yield partial(Builder.hear, refs=refs, limit=limit)

    def _refs(self, after: bytes, limit: int) -> list[bytes]:
        with reading(self._store) as connection:
            return ledger.subject_refs(connection, after=after, up_to_position=limit, limit=_SUBJECTS_AT_ONCE)

    def _foldings(self, built: Tables, limit: int) -> Iterator[Task]:
        """Number every cluster of case records, chunk by chunk, and give the folding of each chunk as a task."""
        after = 0
        while True:
            numbered = written_to(self._store, built, self._sleep, partial(_numbered, built=built, after=after))
            if numbered is None:
                return
            after, regrouped = numbered
            members = {number: [(row.case_no, row.subject_ref) for row in cases] for number, cases in regrouped.items()}
            yield partial(Builder.rows, number=built.number, members=members, limit=limit)

    def _gather_statistics(self, built: Tables) -> None:
        written_to(self._store, built, self._sleep, partial(generations.gather_statistics, built=built))

    def _catch_up(self, built: Tables, position: int) -> None:
        """Project what came meanwhile; what came during that, and the switch, are one transaction: ingest waits."""
        position = self._chased(built, position)

        def complete(connection: Connection) -> None:
            at = position
            while (reached := self._advance(connection, built, at)) > at:
                at = reached
            generations.switch(connection, built.number, self._now())

        switched(self._store, built, self._sleep, complete)

    def _chased(self, built: Tables, position: int) -> int:
        """Come near the ledger's end while ingest goes on, as long as that gets nearer; give the position reached."""
        behind_before = None
        for _ in range(_CHASES):
            end = patiently(self._sleep, self._end)
            behind = end - position
            if behind < _ENTRIES_AT_ONCE or (behind_before is not None and behind >= behind_before):
                break
            behind_before = behind
            while position < end:
                advance = partial(self._advance, built=built, position=position)
                position = written_to(self._store, built, self._sleep, advance)
        return position

    def _end(self) -> int:
        with reading(self._store) as connection:
            return ledger.last_position(connection)

    def _advance(self, connection: Connection, built: Tables, position: int) -> int:
        """Project the next entries; give the position reached."""
        entries = ledger.read_all(connection, self._keystore, position, _ENTRIES_AT_ONCE)
        if not entries:
            return position
        self._project(connection, built, entries)
        generations.advance(connection, built.number, entries[-1].position)
        return entries[-1].position

    def _project(self, connection: Connection, built: Tables, entries: Sequence[ledger.Entry]) -> None:
        keys = self._keystore.require({entry.subject_ref for entry in entries})
        arrivals = [
            Arrival(keys[entry.subject_ref], self._codec.decode_body(entry.schema_id, entry.body)) for entry in entries
        ]
        self._projector.apply(connection, built, arrivals, up_to_position=entries[-1].position)


def _numbered(connection: Connection, built: Tables, after: int) -> tuple[int, Mapping[int, Sequence[CaseRow]]] | None:
    """Number the clusters of the next case records after one; give the last of these, and the clusters' members.

    None when there are no more.
    """
    table = built.case_record
    waiting = select(table.c.case_no).where(table.c.pathway_no.is_(None), table.c.case_no > after)
    numbers = connection.execute(waiting.order_by(table.c.case_no).limit(_SUBJECTS_AT_ONCE)).scalars().all()
    if not numbers:
        return None
    return numbers[-1], regroup(connection, built, records.closure(connection, built, numbers)).members

"""The part of a rebuild that any number of processes do side by side: read histories, fold, lay out rows.

On SQLite they only read, and the one process that rebuilds writes what they give; on PostgreSQL they write it too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from hub.domain.events.base import Event
from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import KeyedHash
from hub.domain.identity.resolve import Decision, decision_of
from hub.domain.order import order_key
from hub.domain.pathway import correction, pathway
from hub.domain.pathway.pathway import EMPTY
from hub.ledger.database import reading
from hub.privacy.keystore import KeyStore, SubjectKey
from hub.projections import changes, records, timeline, writer
from hub.projections.changes import Change
from hub.projections.engine import Arrival, Projector, encode_state
from hub.projections.models import PERSON_MODELS
from hub.projections.patience import Sleep, patiently, written_to
from hub.projections.readmodel import Row
from hub.projections.records import Gathered
from hub.projections.tables import Tables, tables
from hub.projections.writer import Ready

T = TypeVar("T")
_DECIDED_BY = tuple(event_type.__name__ for event_type in PairDecision.__subclasses__())
Members = Mapping[int, Sequence[tuple[int, bytes]]]
"""Pathways by number, each with its case records as (case number, subject reference)."""


class Heard(NamedTuple):
    """What the ledger says about who a case record is, and what people decided about it first."""

    key: SubjectKey
    gathered: Gathered
    decisions: tuple[Decision, ...]


class Hearing(NamedTuple):
    """What was heard of some subjects: the cases, and those that are none."""

    cases: Sequence[Heard]
    others: Sequence[SubjectKey]


class Rows(NamedTuple):
    """The rows of some pathways by table, ready for the database, and how many case records they are."""

    cases: int
    by_table: Mapping[str, Ready]


class Builder:
    """Reads histories from the ledger, turns them into rows, and stores what was made."""

    def __init__(
        self, store: Engine, projector: Projector, keystore: KeyStore, keyed_hash: KeyedHash, sleep: Sleep
    ) -> None:
        self._store = store
        self._projector = projector
        self._keystore = keystore
        self._keyed_hash = keyed_hash
        self.sleep = sleep

    def hear(self, refs: Sequence[bytes], limit: int) -> Hearing:
        """Read what the events up to a position say about who is who."""
        keys = list(self._keystore.require(refs).values())
        cases = [key for key in keys if key.subject.kind == "case"]
        with reading(self._store) as connection:
            histories = self._projector.histories(connection, cases, limit, (*records.GATHERED_FROM, *_DECIDED_BY))
        heard = [self._heard(key, events) for key, events in histories.items()]
        return Hearing(heard, [key for key in keys if key.subject.kind != "case"])

    def _heard(self, key: SubjectKey, events: Sequence[Event]) -> Heard:
        decisions = tuple(decision_of(event) for event in events if isinstance(event, PairDecision))
        said = [event for event in events if not isinstance(event, PairDecision)]
        return Heard(key, records.gathered(records.case_of(key), said, self._keyed_hash), decisions)

    def rows(self, number: int, members: Members, limit: int) -> Rows:
        """Fold pathways from their events up to a position."""
        keys = self._keystore.require([ref for cases in members.values() for _, ref in cases])
        built = tables(number)
        with reading(self._store) as connection:
            histories = self._projector.histories(connection, keys.values(), limit)
            by_ref = {key.ref: events for key, events in histories.items()}
            laid_out = _laid_out(built, members, by_ref)
            ready = {
                name: writer.converted(connection, built.metadata.tables[name], rows)
                for name, rows in laid_out.items()
                if rows
            }
        return Rows(sum(map(len, members.values())), ready)

    def store(self, built: Tables, made: Hearing | Rows, limit: int) -> int:
        """Store what was made, in a transaction of its own; give how many case records that is.

        Raises:
            Usage: another rebuild began meanwhile.
        """
        return written_to(self._store, built, self.sleep, partial(self._stored, built=built, made=made, limit=limit))

    def _stored(self, connection: Connection, built: Tables, made: Hearing | Rows, limit: int) -> int:
        match made:
            case Hearing():
                self._store_heard(connection, built, made.cases)
                self._project(connection, built, made.others, limit)
                return len(made.cases)
            case Rows():
                for name, rows in made.by_table.items():
                    writer.insert_converted(connection, built.metadata.tables[name], rows)
                return made.cases

    def _store_heard(self, connection: Connection, built: Tables, heard: Sequence[Heard]) -> None:
        rows = records.store_new(connection, built, {each.key: each.gathered for each in heard})
        numbers = {row.subject_ref: row.case_no for row in rows}
        decided = [(numbers[each.key.ref], decision) for each in heard for decision in each.decisions]
        records.store_decisions(connection, built, decided, self._keyed_hash)

    def _project(self, connection: Connection, built: Tables, keys: Sequence[SubjectKey], limit: int) -> None:
        arrivals = [
            Arrival(key, event)
            for key, events in self._projector.histories(connection, keys, limit).items()
            for event in events
        ]
        self._projector.apply(connection, built, arrivals, up_to_position=limit)


def made_and_stored(number: int, limit: int, task: Callable[[Builder], Hearing | Rows], builder: Builder) -> int:
    """Do a task and store what it gives, where any number of processes can write at once."""
    return builder.store(tables(number), patiently(builder.sleep, partial(task, builder)), limit)


def _laid_out(built: Tables, members: Members, histories: Mapping[bytes, Sequence[Event]]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {table.name: [] for table in built.all()}
    lines, folds = rows[built.timeline.name], rows[built.fold.name]
    of_models = {model.name: rows[built.models[model.name].name] for model in PERSON_MODELS}
    for pathway_no, cases in members.items():
        told = [
            (case_no, event)
            for case_no, ref in cases
            for event in histories.get(ref, ())
            if not isinstance(event, PairDecision)
        ]
        if not told:
            continue
        state = pathway.fold(sorted((event for _, event in told), key=order_key))
        voids = correction.effective(state.corrections)
        lines += [(case_no, *timeline.timeline_row(event, voids.get(event.meta.event_id))) for case_no, event in told]
        folds.append((pathway_no, encode_state(state)))
        for name, _, added in changes.differences(PERSON_MODELS, Change(pathway_no, EMPTY, state)):
            of_models[name] += added
    return rows


class Crew(Protocol):
    """Whoever does the builders' work."""

    workers: int

    def submit(self, task: Callable[[Builder], T]) -> Future[T]:
        """Do a task; its failure shows when its result is asked for."""
        ...

    def close(self) -> None:
        """Let everyone go."""
        ...


class Alone:
    """The rebuilding process does all itself: nothing to start, right for a small ledger."""

    workers = 1

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def submit(self, task: Callable[[Builder], T]) -> Future[T]:
        """Do the task now."""
        done: Future[T] = Future()
        done.set_result(task(self._builder))
        return done

    def close(self) -> None:
        """There is nobody to let go."""


_builders: list[Builder] = []
"""In a worker process: the one builder for all its tasks."""


def _start(open_builder: Callable[[], Builder]) -> None:
    if (rebuilding := parent_process()) is not None:
        Thread(target=_end_with, args=(rebuilding,), daemon=True).start()
    _builders.append(open_builder())


def _end_with(rebuilding: BaseProcess) -> None:
    """End when the rebuilding process was killed: the pool's queue would be waited on for ever, keys in memory."""
    rebuilding.join()
    os._exit(1)


def _do(task: Callable[[Builder], T]) -> T:
    return task(_builders[0])


class Processes:
    """Worker processes, each with connections of its own; `open_builder` and the tasks must be picklable."""

    def __init__(self, workers: int, open_builder: Callable[[], Builder]) -> None:
        self.workers = workers
        # Started afresh, not forked: an open SQLite connection does not survive a fork.
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_start, initargs=(open_builder,))

    def submit(self, task: Callable[[Builder], T]) -> Future[T]:
        """Hand the task to the next free process."""
        return self._pool.submit(_do, task)

    def close(self) -> None:
        """End the processes; tasks not begun are dropped."""
        self._pool.shutdown(cancel_futures=True)

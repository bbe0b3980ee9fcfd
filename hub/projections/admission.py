"""Admission: what arriving events say about who their cases are, and with whom these could be one person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from sqlalchemy import Connection

from hub.domain.events.base import Event
from hub.domain.events.link import PairDecision
from hub.domain.identity.evidence import KeyedHash, case_presence_key
from hub.domain.identity.resolve import Decision, decision_of
from hub.privacy.keystore import SubjectKey
from hub.projections import locking, records
from hub.projections.records import CaseRow, Gathered
from hub.projections.tables import Tables

Histories = Callable[[Collection[SubjectKey], Sequence[str] | None], dict[SubjectKey, list[Event]]]
"""Gives whole histories of subjects, arrivals included: all events, or those of some types."""


class Said(NamedTuple):
    """What events say about who cases are: of cases not there yet, of cases known, and people's decisions on pairs.

    `known` and `decisions` go by the case's reference. `changed` has the known cases whose evidence is another one now;
    `unchanged` those where an event came that could have changed it. `reached` are the known cases that could be one
    person with any of them, once that is locked.
    """

    known: Mapping[bytes, CaseRow]
    new: Mapping[SubjectKey, Gathered]
    changed: Mapping[SubjectKey, Gathered]
    unchanged: Mapping[SubjectKey, Gathered]
    decisions: Sequence[tuple[bytes, Decision]]
    reached: AbstractSet[int] | None = None

    @property
    def relinked(self) -> set[int]:
        """The known cases that must be resolved again."""
        refs = (*(key.ref for key in self.changed), *(ref for ref, _ in self.decisions))
        return {self.known[ref].case_no for ref in refs if ref in self.known}

    def keys(self, keyed_hash: KeyedHash) -> set[bytes]:
        """Give the keys by which these cases, and those decided about, find others."""
        sides = {side for _, decision in self.decisions for side in (decision.left, decision.right)}
        keys = {case_presence_key(side, keyed_hash) for side in sides}
        return keys.union(*(what.presence for of in (self.new, self.changed) for what in of.values()))


class Admitted(NamedTuple):
    """The case records of a batch by reference, those among them that were new, and all that must be resolved again."""

    rows: Mapping[bytes, CaseRow]
    fresh: frozenset[bytes]
    relinked: AbstractSet[int]


def is_about_identity(known: Collection[bytes], key: SubjectKey, events: Iterable[Event]) -> bool:
    """Tell whether events make a case record, or can change who it is about."""
    return key.ref not in known or any(map(records.says_who, events))


def hear(
    cases: Mapping[SubjectKey, Sequence[Event]],
    known: Mapping[bytes, CaseRow],
    histories: Histories,
    keyed_hash: KeyedHash,
) -> Said:
    """Read what the events say, with what the cases' earlier ones said."""
    new = {
        key: records.gathered(records.case_of(key), events, keyed_hash)
        for key, events in cases.items()
        if key.ref not in known
    }
    again = [key for key, events in cases.items() if key.ref in known and any(map(records.says_who, events))]
    heard = {
        key: records.gathered(known[key.ref].case, history, keyed_hash)
        for key, history in histories(again, records.GATHERED_FROM).items()
    }
    decisions = [
        (key.ref, decision_of(event))
        for key, events in cases.items()
        for event in events
        if isinstance(event, PairDecision)
    ]
    is_changed = {key: what.evidence != known[key.ref].evidence for key, what in heard.items()}
    changed, unchanged = ({key: heard[key] for key in heard if is_changed[key] is so} for so in (True, False))
    return Said(known, new, changed, unchanged, decisions)


def lock(connection: Connection, tables: Tables, said: Said, keyed_hash: KeyedHash) -> Said:
    """Have to oneself all case records that the batch concerns, and the keys by which others could come to concern it.

    Those are the members of every pathway touched, whose state and rows the batch rewrites, and whoever could be one
    person with a case whose identity changes. Gives what was said with the cases as they are then.

    Raises:
        Contended: it concerns more than it seemed to, and someone else has it.
    """
    keys = said.keys(keyed_hash)
    locking.claim(connection, tables, locking.KEY, keys)
    held: set[int] = set()
    while True:
        pathways = {row.pathway_no for row in said.known.values() if row.pathway_no is not None}
        reached = records.closure(connection, tables, said.relinked, keys)
        wanted = reached.union(row.case_no for row in said.known.values())
        wanted |= records.members_of(connection, tables, pathways)
        if wanted <= held:
            return said._replace(reached=reached)
        locking.lock_cases(connection, tables, wanted - held, waiting=not held)
        held |= wanted
        said = said._replace(known=records.by_reference(connection, tables, said.known))


def store(connection: Connection, tables: Tables, said: Said, keyed_hash: KeyedHash) -> Admitted:
    """Store what the events say; tell which case records must be resolved again."""
    reached = said.reached
    if reached is None:
        reached = records.closure(connection, tables, said.relinked, said.keys(keyed_hash))
    records.refuse_second_reference(connection, tables, said.new)
    added = records.store_new(connection, tables, said.new)
    rows = dict(said.known) | {row.subject_ref: row for row in added}
    for key, what in said.changed.items():
        rows[key.ref] = records.store_again(connection, tables, rows[key.ref], what)
    # What a record claimed once stays a way to it in views of the past, also while a later claim counts.
    records.store_presence(connection, tables, {rows[key.ref].case_no: what for key, what in said.unchanged.items()})
    decisions = [(rows[ref].case_no, decision) for ref, decision in said.decisions]
    records.store_decisions(connection, tables, decisions, keyed_hash)
    fresh = frozenset(row.subject_ref for row in added)
    return Admitted(rows, fresh, reached | {row.case_no for row in added})

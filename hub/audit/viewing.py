"""What is shown of a pathway: its view, live or replayed, and what stands behind each fact of it in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from hub.audit.history import Accepted
from hub.audit.replay import Replay
from hub.codec.avro import Codec
from hub.codec.jsonform import to_json
from hub.domain.events.base import Decision, Event
from hub.domain.events.link import PairDecision
from hub.domain.ids import CaseKey
from hub.domain.order import order_key
from hub.domain.pathway import correction
from hub.domain.pathway.claim import FACTS
from hub.errors import Forgotten, NotFound
from hub.ledger import ledger
from hub.ledger import tables as ledger_tables
from hub.ledger.moments import moment_of
from hub.privacy.keystore import KeyStore
from hub.projections import rules, view
from hub.projections.facts import Fact, askable, fact, row_name
from hub.projections.finding import Found
from hub.projections.free_texts import free_texts
from hub.projections.tables import Tables
from hub.projections.timeline import timeline_row
from hub.projections.view import TableRow, View


class Viewer:
    """Shows pathways as they are or were, and reads from the ledger what made them so."""

    def __init__(self, replay: Replay, codec: Codec, keystore: KeyStore) -> None:
        self._replay = replay
        self._codec = codec
        self._keystore = keystore

    def view(
        self,
        connection: Connection,
        tables: Tables,
        found: Found,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        *,
        with_timeline: bool = True,
        with_links: bool = True,
    ) -> View:
        """Show a pathway as it is, was, was known, or was then known to have been; erased, as it is.

        Timeline and links may be left out of a pathway as it is, where they are not needed: each is a look-up.
        """
        is_now = as_of is None and known_at is None
        if is_now or view.state_of(connection, tables, found).lifecycle.erased is not None:
            return view.live(connection, tables, found, with_timeline=with_timeline, with_links=with_links)
        replayed = self._replay.at(connection, tables, found.case, as_of=as_of, known_at=known_at)
        voids = correction.effective(replayed.state.corrections)
        lines = view.timeline_rows(
            (CaseKey(*event.subject[1:]), timeline_row(event, voids.get(event.meta.event_id)))
            for event in replayed.events
        )
        links = view.resolved_links(replayed.resolution, replayed.cases)
        shown = view.of_state(replayed.state, replayed.cases, lines, links)
        linked = (row.case for row in found.members)
        return shown._replace(linked_since=tuple(case for case in linked if case not in replayed.cases))

    def decisions(self, connection: Connection, shown: View) -> list[Event]:
        """Read the decisions in force about the view's case records: they stand in no one's timeline, being about two.

        One that an erasure of the other record made unreadable is passed over.
        """
        located = [ledger.locate(connection, UUID(event_id).bytes) for event_id in sorted(decided(shown))]
        found = []
        for each in located:
            with suppress(Forgotten):
                if each is not None:
                    found.append(ledger.entry_at(connection, each.position, self._keystore))
        return [self._codec.decode_body(entry.schema_id, entry.body) for entry in found]

    def event(self, connection: Connection, event_id: str) -> dict[str, Any]:
        """Read an event from the ledger with its place in it and in the log.

        Raises:
            NotFound: the ledger does not hold it.
            Forgotten: its subject was erased.
        """
        located = ledger.locate(connection, UUID(event_id).bytes)
        if located is None:
            raise NotFound(f"the ledger does not hold event {event_id}")
        entry = ledger.entry_at(connection, located.position, self._keystore)
        columns = ledger_tables.ledger.c
        came = connection.execute(
            select(columns.topic, columns.partition, columns.offset).where(columns.position == located.position)
        ).one()
        return {
            "content": to_json(self._codec.decode_body(entry.schema_id, entry.body)),
            "accepted_at": moment_of(entry.stamped_at),
            "position": entry.position,
            "schema_id": entry.schema_id,
            **came._mapping,
        }

    def recorded(self, connection: Connection, refs: Sequence[bytes], shown: View) -> list[dict[str, Any]]:
        """Read every event about a view's case records, given by their references, in canonical order.

        Decisions about them are among the events; of an erased person only the erasure is left.
        """
        left = {line["event_id"] for line in shown.timeline}
        is_whole = not shown.state.erasures
        keys = list(self._keystore.by_ref(refs).values())
        found = []
        for entry in ledger.read_subjects(connection, keys):
            event = self._codec.decode_body(entry.schema_id, entry.body)
            if event.meta.event_id in left or (is_whole and isinstance(event, Decision)):
                found.append((order_key(event), event, entry))
        found.sort(key=itemgetter(0))
        return [
            {"content": to_json(event), "accepted_at": moment_of(entry.stamped_at), "position": entry.position}
            for _, event, entry in found
        ]

    def accepted(self, connection: Connection, refs: Sequence[bytes], shown: View) -> list[Accepted]:
        """Read the events that a view's history goes through: those of its timeline, and the decisions it may name.

        One that an erasure made unreadable is passed over.

        Raises:
            StoreCorrupt: an entry was changed since it was appended.
        """
        own = {line["event_id"] for line in shown.timeline} | decided(shown)
        found: dict[str, Accepted] = {}
        for entry in ledger.read_subjects(connection, list(self._keystore.by_ref(refs).values())):
            event = self._codec.decode_body(entry.schema_id, entry.body)
            if event.meta.event_id in own or (isinstance(event, PairDecision) and _is_between(event, shown.cases)):
                found[event.meta.event_id] = Accepted(event, moment_of(entry.stamped_at), entry.position)
        for event_id in sorted(decided(shown) - found.keys()):
            located = ledger.locate(connection, UUID(event_id).bytes)
            with suppress(Forgotten):
                if located is not None:
                    entry = ledger.entry_at(connection, located.position, self._keystore)
                    event = self._codec.decode_body(entry.schema_id, entry.body)
                    found[event_id] = Accepted(event, moment_of(entry.stamped_at), entry.position)
        return list(found.values())

    def explanation(self, connection: Connection, of: Fact) -> dict[str, Any]:
        """Gather what is known about a fact: the values, the event with where and when it came in, and the rule."""
        return {**explanation(of), "event": self.event(connection, of.event_id)}


def explanation(of: Fact) -> dict[str, Any]:
    """Say what a fact is, which events set it, and by which rule."""
    row_events = {column: of.event_of(column) for column in of.value} if of.column is None else {}
    return {
        "fact": of.name,
        "model": of.model,
        "column": of.column,
        "value": of.value,
        "set_by": row_events or {of.column: of.event_id},
        "rule": rules.sentence(of.model, "accepted_by" if of.name in FACTS else of.column),
    }


def _is_between(decision: PairDecision, cases: Collection[CaseKey]) -> bool:
    """Tell whether a decision is about none but these case records: it would name someone else."""
    return decision.left.key in cases and decision.right.key in cases


def decided(shown: View) -> set[str]:
    """Give the ids of the decisions in force about the view's case records."""
    return {row["event_id"] for row in shown.links if row["rule"] == "decision" or row["status"] == "separated"}


def frieze_rows(shown: View, decisions: Iterable[Event]) -> list[TableRow]:
    """Give the rows of the timeline with these decisions among them, in canonical order."""
    rows = view.timeline_rows((CaseKey(*event.subject[1:]), timeline_row(event, None)) for event in decisions)
    return sorted((*shown.timeline, *rows), key=lambda row: row["place_in_order"])


def document(
    shown: View, decisions: Iterable[Event], as_of: datetime | None, known_at: datetime | None
) -> dict[str, Any]:
    """Give everything that the hub holds about the person; each row names the events that set its columns."""
    return {
        "person_id": shown.person_id,
        "as_of": as_of,
        "known_at": known_at,
        "cases": [case._asdict() for case in shown.cases],
        "linked_since": [case._asdict() for case in shown.linked_since],
        "tables": shown.tables,
        "timeline": shown.timeline,
        "links": shown.links,
        "decisions": [to_json(event) for event in decisions],
        "free_texts": [text._asdict() for text in free_texts(shown.state)],
    }


def rows_named(shown: View, name: str) -> list[Fact]:
    """Give the rows of a read model asked for without the id of one; none for any other name."""
    found: dict[str, Fact] = {}
    for each in askable(shown):
        row = row_name(each.model, each.row)
        if each.model == name and row:
            found.setdefault(row, Fact(row, each.model, each.row, None, each.row["event_id"]))
    return list(found.values())


_COMPARED, _LONGEST_NAME = 200, 200
"""Names that a misspelt one is compared with, and its characters."""


def fact_named(shown: View, name: str, *, listed_by: str) -> Fact:
    """Find a fact, or name those that are spelt nearly so; `listed_by` says where all of them are listed.

    Raises:
        NotFound: the view has no such fact; of an erased person it has but the erasure.
        Usage: several rows go by that name.
    """
    try:
        return fact(shown, name)
    except NotFound as error:
        near = _near(shown, name)
        said = f"{error}; {listed_by} lists those it has"
        raise NotFound(f"{said}; near it are {', '.join(near)}" if near else said) from None


def _near(shown: View, name: str) -> Sequence[str]:
    """Give names spelt like this one; of many rows only the first ones' are compared, since comparing is slow."""
    asked = list(askable(shown))
    known = {each.name for each in asked} | {row_name(each.model, each.row) for each in asked}
    beginning = name.partition(":")[0]
    alike = sorted(known - {""}, key=lambda each: (each.partition(":")[0] != beginning, each))
    return get_close_matches(name[:_LONGEST_NAME], alike[:_COMPARED], n=5, cutoff=0.5)

"""P5, every fact names its event: each value of each row of the read model leads to an event that says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from sqlalchemy import Connection, Table, select

from hub.domain.events.base import CaseEvent, CaseRef, Event
from hub.domain.events.correction import EventVoided
from hub.domain.events.link import PairDecision
from hub.domain.ids import Subject
from hub.ledger.database import reading
from hub.projections import generations, view
from hub.projections.finding import find
from hub.projections.grouping import case_text
from hub.projections.models import PERSON_MODELS, SUBJECT_MODELS
from hub.projections.readmodel import ReadModel, names
from hub.projections.tables import Tables
from hub.wiring import Hub
from tests.integration.feeds import deliver, ledger_of, region
from tests.integration.hubs import a_hub, consume, examples, histories, take

pytestmark = pytest.mark.usefixtures("engine")

NAMESAKES = {("accompaniment", "network"), ("follow_up", "recorded_at"), ("pathway", "phase")}
"""Columns that mean something else than the field of that name: the network of an adviser, whom the other one may have
named or asked; when a checkpoint was held, not when it was written down; the phase of the pathway, not the one in which
a need showed."""
OF_THE_WHOLE_HISTORY = {"person_id", "opened_at", "last_event_at", "event_count", "event_id"}
"""Columns of the pathway that count voided events too: they are still in the history, and the person's id stays."""
NUMBERING = {"sequence_gap", "sequence_reused"}
"""Anomalies in how a source numbers its events, which a void does not undo."""


class Value(NamedTuple):
    """A value of the read model: where it stands, and the event that it names."""

    table: str
    column: str
    value: Any
    event_id: str
    rule: str | None


class Ledger:
    """What the ledger holds, read without the help of any projection."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.by_id = {event.meta.event_id: event for event in events}
        self.voided = {
            event.voided_event_id
            for event in self.by_id.values()
            if isinstance(event, EventVoided) and self._reaches(event)
        }

    def _reaches(self, void: EventVoided) -> bool:
        target = self.by_id.get(void.voided_event_id)
        return isinstance(target, CaseEvent) and not isinstance(target, EventVoided) and target.case == void.case


def values_of(table: Table, model: ReadModel[Any] | None, row: Mapping[str, Any]) -> Iterator[Value]:
    """Give the values of a row that are not part of its key, and its own event."""
    name = table.name.partition("_")[2]
    events: dict[str, str] = msgspec.json.decode(row["events"]) if row["events"] else {}
    columns = names(model.columns) if model else ("status", "rule")
    filled = {column for column in columns if row[column] is not None}
    if model:
        assert set(events) <= filled, f"{name} names events for columns that say nothing"
    rule = row.get("rule")
    yield Value(name, "event_id", row["event_id"], row["event_id"], rule)
    for column in filled:
        yield Value(name, column, row[column], events.get(column, row["event_id"]), rule)


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(table))]


def subjects_of_pathways(connection: Connection, tables: Tables) -> dict[int, set[Subject]]:
    found: dict[int, set[Subject]] = {}
    for row in rows_of(connection, tables.case_record):
        subject = Subject("case", row["network"], row["scope"], row["local_id"])
        found.setdefault(row["pathway_no"], set()).add(subject)
    return found


def person_values(connection: Connection, tables: Tables) -> Iterator[tuple[Value, set[Subject]]]:
    """Give every value about a person, with the subjects whose events may say it."""
    subjects = subjects_of_pathways(connection, tables)
    for model in PERSON_MODELS:
        table = tables.models[model.name]
        for row in rows_of(connection, table):
            for value in values_of(table, model, row):
                yield value, subjects[row["pathway_no"]]


def subject_values(connection: Connection, tables: Tables) -> Iterator[tuple[Value, set[Subject]]]:
    """Give every value about an employer, a site, a territory or a target."""
    for kind, models in SUBJECT_MODELS.items():
        for model in models:
            table = tables.models[model.name]
            for row in rows_of(connection, table):
                for value in values_of(table, model, row):
                    yield value, {Subject(kind, "", "", row["subject_id"])}


def check(hub: Hub) -> int:
    """Walk every row of every table of the read model; give how many values were compared with their event's own."""
    ledger = Ledger(ledger_of(hub))
    compared = 0
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        for value, subjects in [*person_values(connection, tables), *subject_values(connection, tables)]:
            event = ledger.by_id[value.event_id]
            assert event.subject in subjects, f"{value} is an event of somebody else"
            check_not_voided(value, ledger)
            compared += is_said(value, event)
        check_links(connection, tables, ledger)
        check_timeline(connection, tables, ledger)
        check_views(connection, tables)
    return compared


def check_not_voided(value: Value, ledger: Ledger) -> None:
    if (value.table == "pathway" and value.column in OF_THE_WHOLE_HISTORY) or value.rule in NUMBERING:
        return
    assert value.event_id not in ledger.voided, f"{value} names a voided event"


def is_said(value: Value, event: Event) -> bool:
    """Compare a value with the field of the same name, where its event has one; tell whether it has."""
    told = event if value.column in type(event).model_fields else event.meta
    if not hasattr(told, value.column) or (value.table, value.column) in NAMESAKES:
        return False
    said = getattr(told, value.column)
    if isinstance(said, CaseRef):
        assert value.value == case_text(said.key), value
    elif isinstance(said, list):
        check_list(value, said)
    else:
        assert value.value == said, value
    return True


def check_list(value: Value, said: Sequence[Any]) -> None:
    """Compare with a list of the event: one of its items, their number, or all of them in one text."""
    if isinstance(value.value, int):
        assert value.value == len(said), value
    elif isinstance(value.value, str):
        # An action held together lists the networks of all its reports.
        assert set(said) <= set(value.value.split(",")), value
    else:
        assert value.value in said, value


def check_links(connection: Connection, tables: Tables, ledger: Ledger) -> None:
    for row in rows_of(connection, tables.link):
        for value in values_of(tables.link, None, row):
            event = ledger.by_id[value.event_id]
            check_not_voided(value, ledger)
            concerned = event.subject if isinstance(event, CaseEvent) else None
            if isinstance(event, PairDecision):
                assert {row["left_case"], row["right_case"]} == {case_text(event.left.key), case_text(event.right.key)}
            else:
                assert concerned is not None
                assert "/".join(concerned[1:]) in {row["left_case"], row["right_case"]}


def check_timeline(connection: Connection, tables: Tables, ledger: Ledger) -> None:
    cases = {row["case_no"]: row for row in rows_of(connection, tables.case_record)}
    rows = {row["event_id"]: row for row in rows_of(connection, tables.timeline)}
    assert set(rows) == {
        event_id
        for event_id, event in ledger.by_id.items()
        if event.subject.kind == "case" and not isinstance(event, PairDecision)
    }
    for event_id, row in rows.items():
        event, case = ledger.by_id[event_id], cases[row["case_no"]]
        assert event.subject == Subject("case", case["network"], case["scope"], case["local_id"])
        assert row["event_type"] == type(event).__name__
        for column in ("network", "occurred_at", "recorded_at", "site", "actor_id", "organisation"):
            assert row[column] == getattr(event.meta, column)
        assert (row["voided_by"] is not None) == (event_id in ledger.voided)
        if row["voided_by"] is not None:
            void = ledger.by_id[row["voided_by"]]
            assert isinstance(void, EventVoided)
            assert (void.voided_event_id, void.case) == (event_id, getattr(event, "case", None))


def check_views(connection: Connection, tables: Tables) -> None:
    """Compare the rows that are stored with those that a screen computes from the stored state."""
    stored = {model.name: rows_of(connection, tables.models[model.name]) for model in PERSON_MODELS}
    cases = rows_of(connection, tables.case_record)
    for pathway_no in {row["pathway_no"] for row in cases}:
        case = next(row for row in cases if row["pathway_no"] == pathway_no)
        name = f"{case['network']}/{case['scope']}/{case['local_id']}"
        shown = view.live(connection, tables, find(connection, tables, name))
        for model in PERSON_MODELS:
            rows = [row for row in stored[model.name] if row["pathway_no"] == pathway_no]
            assert as_shown(rows) == in_order(shown.tables[model.name])


def as_shown(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return in_order(
        {name: value for name, value in row.items() if name not in {"pathway_no", "events"}}
        | {"events": msgspec.json.decode(row["events"]) if row["events"] else {}}
        for row in rows
    )


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def test_every_fact_about_a_simulated_region_leads_to_its_event() -> None:
    with a_hub() as hub:
        deliver(hub, region(150))
        consume(hub)
        assert check(hub) > 1_000
        with reading(hub.store) as connection:
            tables = generations.live(connection)
            empty = [name for name, table in tables.models.items() if not rows_of(connection, table)]
    assert empty == []


def test_every_fact_of_any_history_leads_to_its_event(engine: str) -> None:
    @examples(engine)
    @given(histories())
    def holds(history: list[Event]) -> None:
        with a_hub() as hub:
            take(hub, history)
            check(hub)

    holds()

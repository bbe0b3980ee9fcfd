"""Single events: how long the intake of one takes, and how soon after its publication it is in the read model."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import NamedTuple

from sqlalchemy import select

from benchmarks.measure import percentile, spread, undisturbed
from benchmarks.report import Cell, Table
from benchmarks.workspace import Workspace, serving
from hub.codec.jsonform import from_json
from hub.domain.events.base import UNNUMBERED_FROM, Event
from hub.domain.ids import CaseKey
from hub.ledger.database import reading
from hub.projections import engine, generations
from hub.wiring import Hub

_INTAKES = 200
_LONGEST_WAIT_S = 30
_numbers = count(1)


class Known(NamedTuple):
    """A case record of an ordinary person, and when that person's first and last events were."""

    case: CaseKey
    first: datetime
    last: datetime


def measure(workspace: Workspace) -> list[Table]:
    """Measure both on a hub that knows the region."""
    early: list[list[float]] = []
    late: list[list[float]] = []
    visible: list[list[float]] = []
    intakes = min(_INTAKES, max(1, workspace.people // 2))
    with workspace.ingested(workspace.people) as hub:
        for seed in range(workspace.runs):
            rng = Random(seed)
            drawn = people(hub, rng, intakes)
            early.append(_intake(hub, [appointment(known, known.last + timedelta(days=1)) for known in drawn]))
            late.append(_intake(hub, [appointment(known, known.first + timedelta(hours=1)) for known in drawn]))
            with serving(hub.paths.data):
                visible.append(_until_visible(hub, drawn, rng))
    labels = ("intake of an event in order", "intake of a late event", "from publish to visible, another process")
    rows: list[tuple[Cell, ...]] = [
        (label, intakes, *(spread([percentile(run, percent) for run in runs]) for percent in (50, 99)))
        for label, runs in zip(labels, (early, late, visible), strict=True)
    ]
    note = "Intake: log to rows, one event in one transaction. Visible: validated, on the log, taken in, and read."
    return [Table("Single events", ("", "Events", "p50, ms", "p99, ms"), rows, note)]


def people(hub: Hub, rng: Random, wanted: int) -> list[Known]:
    """Draw case records of ordinary people."""
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        table = tables.case_record
        query = select(table.c.pathway_no, table.c.network, table.c.scope, table.c.local_id)
        cases = connection.execute(query.where(table.c.pathway_no.is_not(None)).order_by(table.c.case_no)).all()
        drawn = {number: CaseKey(*case) for number, *case in rng.choices(cases, k=wanted)}
        states = engine.load_states(connection, tables, drawn)
    known = [
        Known(drawn[number], state.first[0], state.last[0])
        for number, state in states.items()
        if state.first is not None and state.last is not None
    ]
    return rng.choices(known, k=wanted)


def appointment(known: Known, moment: datetime) -> Event:
    """Give an appointment that the hub has not heard of."""
    number = next(_numbers)
    network, scope, local_id = known.case
    meta = {
        "event_id": f"01990a5d-0000-7000-8000-{number:012d}",
        "network": network,
        "scope": scope,
        "local_id": local_id,
        "sequence": UNNUMBERED_FROM + number,
        "occurred_at": moment.isoformat(),
        "recorded_at": moment.isoformat(),
        "actor_id": "adviser-1",
        "organisation": "bench",
    }
    return from_json(
        {
            "type": "AppointmentRecorded",
            "meta": meta,
            "appointment_id": f"bench-{number}",
            "starts_at": moment.isoformat(),
            "status": "held",
            "mode": "on_site",
            "place": "agency",
        }
    )


def _intake(hub: Hub, events: list[Event]) -> list[float]:
    """Give the milliseconds that each event's intake takes."""
    taken = []
    with hub.publisher() as publisher, closing(hub.ingest()) as loop, undisturbed():
        for event in events:
            publisher.publish(event)
            begun = time.perf_counter()
            assert loop.step(timeout_ms=0) == 1, "the published event was not on the log"
            taken.append((time.perf_counter() - begun) * 1e3)
    return taken


def _until_visible(hub: Hub, drawn: list[Known], rng: Random) -> list[float]:
    """Give the milliseconds from before each event's publication until a reader finds it, at irregular moments."""
    taken = []
    with hub.publisher() as publisher:
        for known in drawn:
            event = appointment(known, known.last + timedelta(days=1))
            time.sleep(rng.uniform(0.0, 0.15))
            begun = time.perf_counter()
            publisher.publish(event)
            while not _is_visible(hub, event):
                assert time.perf_counter() - begun < _LONGEST_WAIT_S, "the published event never became visible"
                time.sleep(0.0005)
            taken.append((time.perf_counter() - begun) * 1e3)
    return taken


def _is_visible(hub: Hub, event: Event) -> bool:
    with reading(hub.store) as connection:
        table = generations.live(connection).timeline
        found = select(table.c.event_id).where(table.c.event_id == event.meta.event_id)
        return connection.execute(found).first() is not None

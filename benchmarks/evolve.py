"""Evolving: the fold alone, over people's events that are decoded and in canonical order already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import select

from benchmarks.measure import Cost, Stopwatch, undisturbed
from benchmarks.report import RATES, Table, rate
from benchmarks.workspace import MOST_IN_MEMORY, Workspace
from hub.domain.events.base import Event
from hub.domain.events.link import PairDecision
from hub.domain.order import order_key
from hub.domain.pathway import pathway
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.models import PERSON_MODELS
from hub.wiring import Hub

_AT_ONCE = 500


def measure(workspace: Workspace) -> list[Table]:
    """Measure the fold, and computing all rows from the states that it gives."""
    with workspace.ingested(workspace.people) as hub:
        people = list(islice(_histories(hub), MOST_IN_MEMORY))
        folds: list[Cost] = []
        rows: list[Cost] = []
        for _ in range(workspace.runs):
            folded, laid_out = _pass(people)
            folds.append(folded)
            rows.append(laid_out)
    events = sum(map(len, people))
    measured = [rate("evolve", events, folds), rate("rows from states", events, rows)]
    return [Table("Evolve", RATES, measured, f"{len(people):,} people.")]


def _pass(people: list[list[Event]]) -> tuple[Cost, Cost]:
    """Fold every history and lay out its rows, person by person; give the cost of each."""
    folding, laying_out = Stopwatch(), Stopwatch()
    with undisturbed():
        for history in people:
            with folding.running():
                state = pathway.fold(history)
            with laying_out.running():
                for model in PERSON_MODELS:
                    list(model.rows(state))
    return folding.cost, laying_out.cost


def _histories(hub: Hub) -> Iterator[list[Event]]:
    """Give each person's events in canonical order."""
    with reading(hub.store) as connection:
        table = generations.live(connection).case_record
        query = select(table.c.pathway_no, table.c.subject_ref).where(table.c.pathway_no.is_not(None))
        members: dict[int, list[bytes]] = {}
        for number, ref in connection.execute(query.order_by(table.c.pathway_no)):
            members.setdefault(number, []).append(ref)
        waiting = iter(members.values())
        while chunk := list(islice(waiting, _AT_ONCE)):
            keys = hub.keystore.by_ref([ref for refs in chunk for ref in refs])
            found = {
                key.ref: history for key, history in hub.projector.histories(connection, keys.values(), None).items()
            }
            for refs in chunk:
                events = [event for ref in refs for event in found[ref] if not isinstance(event, PairDecision)]
                yield sorted(events, key=order_key)

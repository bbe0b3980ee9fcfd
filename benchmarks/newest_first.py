"""The worst arrival there is: a long history whose every event is older than all that came before it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.measure import Cost, Stopwatch, spread, timed, undisturbed
from benchmarks.report import Cell, Table
from benchmarks.workspace import Workspace
from hub.codec.jsonform import from_json
from hub.domain.events.base import Event

_ONE_BY_ONE = 10
_TRAITS = {"family_name": "Charrier", "given_name": "André", "birth_date": "1971-01-15", "birth_place": "26212"}
_BEGUN = datetime(2010, 1, 4, 8, tzinfo=UTC)


def measure(workspace: Workspace) -> list[Table]:
    """Measure histories of four lengths, the longest of 5,000 events in a region of 4,000 people."""
    people = workspace.people
    rows: list[tuple[Cell, ...]] = []
    for length in (people // 8, people // 4, people // 2, people * 5 // 4):
        runs = [_arrive(workspace, length) for _ in range(workspace.runs)]
        backlog = [cost.cpu_s for cost, _ in runs]
        one_by_one = [cost.cpu_s / _ONE_BY_ONE * 1e3 for _, cost in runs]
        each = spread([taken / length * 1e3 for taken in backlog])
        rows.append((f"{length:,} events", spread(backlog), each, spread(one_by_one)))
    columns = ("One person", "Backlog, CPU s", "Backlog, CPU ms/event", "One more, CPU ms")
    note = (
        "Backlog: the hub was away and takes in all of it. One more: it has so many events, and takes in still older "
        "ones one at a time. Without quadratic cost, the third column stays level and the fourth rises with the length."
    )
    return [Table("Newest first", columns, rows, note)]


def _arrive(workspace: Workspace, length: int) -> tuple[Cost, Cost]:
    events = history(length + _ONE_BY_ONE)[::-1]
    with workspace.fresh() as hub, hub.publisher() as publisher, closing(hub.ingest()) as loop:
        publisher.publish_batch(events[:length])
        with timed() as backlog:
            loop.until_caught_up(lambda _: None)
        one_by_one = Stopwatch()
        with undisturbed():
            for event in events[length:]:
                publisher.publish(event)
                with one_by_one.running():
                    loop.step(timeout_ms=0)
        assert loop.counts.accepted == len(events), "not every event of the history was accepted"
    return backlog.cost, one_by_one.cost


def history(length: int) -> list[Event]:
    """Give a person's events in canonical order, eight hours apart: registration, then what advisers record."""
    return [from_json(_document(index)) for index in range(length)]


def _document(index: int) -> dict[str, Any]:
    moment = (_BEGUN + timedelta(hours=8 * index)).isoformat()
    day = (_BEGUN + timedelta(hours=8 * index)).date().isoformat()
    meta = {
        "event_id": f"01890a5d-0000-7000-8000-{index:012d}",
        "network": "france_travail",
        "local_id": "37444853479",
        "sequence": index + 1,
        "occurred_at": moment,
        "recorded_at": moment,
        "actor_id": "ft-38909-09",
        "organisation": "france-travail-ara",
        "site": "38909",
    }
    if index == 0:
        return {"type": "CaseRegistered", "meta": meta, "traits": _TRAITS, "public": "job_seeker", "category": "2"}
    kinds: list[dict[str, Any]] = [
        {
            "type": "AppointmentRecorded",
            "appointment_id": f"rdv-{index}",
            "starts_at": moment,
            "status": "held",
            "mode": "on_site",
            "place": "agency",
        },
        {"type": "CaseUpdated", "availability": "training", "category": str(1 + index % 5)},
        {
            "type": "CandidacyProposed",
            "candidacy_id": f"mer-{index}",
            "siret": "00090120700019",
            "rome": "D1505",
            "requested_rome": "K2204",
        },
        {
            "type": "CandidacyAnswered",
            "candidacy_id": f"mer-{index - 1}",
            "result": "no_answer",
            "relevance": "low",
        },
        {"type": "ReferentAssigned", "adviser": f"ft-38909-{index % 9}", "role": "referent", "from_date": day},
        {"type": "ServicePrescribed", "service_id": f"svc-{index}", "service": "job_search_workshop", "starts_on": day},
        {"type": "ServiceCompleted", "service_id": f"svc-{index - 1}", "ended_on": day},
    ]
    return {**kinds[(index - 1) % len(kinds)], "meta": meta}

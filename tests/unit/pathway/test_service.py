"""Services prescribed by either network and visible to both: M19."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.domain.events.service import ServiceAbandoned, ServiceCompleted, ServicePrescribed
from hub.domain.ids import CaseKey
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.service import Service, anomalies
from hub.projections.service import MODEL
from tests.unit.pathway.builders import (
    CE,
    FT,
    SITE,
    event,
    explained,
    moment,
    named,
    pathway,
    same_in_any_order,
    table,
    voided,
)


def prescribed(at: str = "2021-03-01", case: CaseKey = FT, **fields: Any) -> ServicePrescribed:
    dates = {"starts_on": date(2021, 3, 15), "ends_on": date(2021, 6, 15)}
    return event(ServicePrescribed, at, case, **{"service_id": "S-1", "service": "training", **dates, **fields})


def completed(at: str = "2021-06-15", case: CaseKey = FT, ended_on: date | None = None) -> ServiceCompleted:
    return event(ServiceCompleted, at, case, service_id="S-1", ended_on=ended_on)


def abandoned(at: str = "2021-05-03", case: CaseKey = FT) -> ServiceAbandoned:
    return event(ServiceAbandoned, at, case, service_id="S-1", ended_on=date(2021, 4, 30), motive="health")


def the(state: Pathway) -> Service:
    return state.services.by_id["S-1"]


def test_a_service_of_either_network_shows_in_the_one_pathway() -> None:
    state = pathway(prescribed(), prescribed("2021-04-01", CE, service_id="S-2", service="pas"))

    assert [(row["service_id"], row["prescribed_by"]) for row in table(MODEL, state)] == [
        ("S-1", "france_travail"),
        ("S-2", "cap_emploi"),
    ]


def test_one_network_may_complete_what_the_other_prescribed() -> None:
    state = pathway(prescribed(case=CE), completed(case=FT))

    assert the(state).status.value == "completed"
    assert not the(state).is_open
    assert named(anomalies(state.services)) == []


def test_a_service_is_open_from_prescription_to_completion_or_abandonment() -> None:
    order, stop = prescribed(), abandoned()

    assert the(pathway(order)).is_open
    assert the(pathway(order)).status == Fact("prescribed", order.meta.event_id)
    assert the(pathway(order, stop)).status == Fact("abandoned", stop.meta.event_id)
    assert not the(pathway(order, stop)).is_open


def test_a_completion_or_abandonment_without_prescription_is_an_anomaly_until_it_arrives() -> None:
    for end in (completed(), abandoned()):
        assert [(found.rule, found.event_id) for found in anomalies(pathway(end).services)] == [
            ("service_without_prescription", end.meta.event_id)
        ]
        assert named(anomalies(pathway(end, prescribed("2021-08-01")).services)) == []
        assert the(pathway(end, prescribed("2021-08-01"))).status.event_id == end.meta.event_id


def test_the_later_end_stands_when_both_are_stated_and_the_pair_is_an_anomaly() -> None:
    stop, end = abandoned("2021-05-03"), completed("2021-06-15")
    later = abandoned("2021-07-01")

    assert the(pathway(prescribed(), stop, end)).status == Fact("completed", end.meta.event_id)
    assert the(pathway(prescribed(), end, later)).status == Fact("abandoned", later.meta.event_id)
    assert named(anomalies(pathway(prescribed(), stop, end).services)) == ["service_completed_and_abandoned"]
    assert named(anomalies(pathway(prescribed(), stop, end, voided(stop)).services)) == []


def test_a_row_names_the_event_of_every_column() -> None:
    order, stop = prescribed(), abandoned()
    state = pathway(order, stop)

    assert table(MODEL, state) == [
        {
            "service_id": "S-1",
            "status": "abandoned",
            "service": "training",
            "prescribed_by": "france_travail",
            "site": SITE,
            "prescribed_at": moment("2021-03-01"),
            "starts_on": date(2021, 3, 15),
            "ends_on": date(2021, 6, 15),
            "completed_at": None,
            "abandoned_at": moment("2021-05-03"),
            "ended_on": date(2021, 4, 30),
            "abandon_motive": "health",
        }
    ]
    (events,) = explained(MODEL, state)
    ending = {"status", "abandoned_at", "ended_on", "abandon_motive"}
    assert {name for name, by in events.items() if by == stop.meta.event_id} == ending
    assert {by for name, by in events.items() if name not in ending} == {order.meta.event_id}


def test_any_order_of_arrival_gives_the_same_service() -> None:
    end = completed(ended_on=date(2021, 6, 11))

    state = same_in_any_order(prescribed(), abandoned(), end, prescribed("2021-03-03", starts_on=None))

    assert the(state).ended_on == Fact(date(2021, 6, 11), end.meta.event_id)
    assert the(state).starts_on is not None, "a prescription repeated without its start keeps the one told"

"""Appointments with either network, and where they are held: M18."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.ids import CaseKey
from hub.domain.pathway.appointment import Appointment, anomalies
from hub.domain.pathway.pathway import Pathway
from hub.projections.appointment import MODEL
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


def recorded(at: str = "2021-03-01", case: CaseKey = FT, status: str = "planned", **fields: Any) -> AppointmentRecorded:
    told = {"appointment_id": "P-1", "starts_at": moment("2021-03-10T09:00"), "mode": "on_site", "place": "agency"}
    return event(AppointmentRecorded, at, case, status=status, **{**told, **fields})


def the(state: Pathway) -> Appointment:
    return state.appointments.by_id["P-1"]


def test_the_latest_record_of_an_appointment_stands() -> None:
    plan, outcome = recorded(), recorded("2021-03-10T10:00", status="held", place="cap_emploi")

    assert the(pathway(plan)).is_open
    state = pathway(outcome, plan)

    assert not the(state).is_open
    assert table(MODEL, state) == [
        {
            "appointment_id": "P-1",
            "status": "held",
            "starts_at": moment("2021-03-10T09:00"),
            "mode": "on_site",
            "place": "cap_emploi",
            "network": "france_travail",
            "adviser": "A-1",
            "site": SITE,
        }
    ]
    assert set(explained(MODEL, state)[0].values()) == {outcome.meta.event_id}


def test_an_outcome_voided_gives_the_record_before_back() -> None:
    plan, outcome = recorded(), recorded("2021-03-10T10:00", status="missed")

    assert the(pathway(plan, outcome, voided(outcome))) == the(pathway(plan))


def test_acts_held_at_the_agency_are_told_apart_by_site_for_both_networks() -> None:
    held: dict[str, Any] = {"status": "held", "at": "2021-03-10T10:00"}
    state = pathway(
        recorded(**held),
        recorded(**held, case=CE, appointment_id="P-2"),
        recorded(**held, case=CE, appointment_id="P-3", place="cap_emploi"),
        recorded(**held, appointment_id="P-4", place="remote", mode="phone", site="69001"),
    )

    acts = Counter((row["site"], row["place"] == "agency") for row in table(MODEL, state) if row["status"] == "held")

    assert acts == {(SITE, True): 2, (SITE, False): 1, ("69001", False): 1}


def test_an_appointment_recorded_as_over_before_it_starts_is_an_anomaly_until_it_is_moved() -> None:
    early = recorded("2021-03-09", status="held")
    moved = recorded("2021-03-09T12:00", status="held", starts_at=moment("2021-03-08T09:00"))

    assert [(found.rule, found.event_id) for found in anomalies(pathway(early).appointments)] == [
        ("appointment_over_before_its_start", early.meta.event_id)
    ]
    assert named(anomalies(pathway(early, moved).appointments)) == []
    assert named(anomalies(pathway(recorded("2021-03-09", status="cancelled")).appointments)) == []


def test_any_order_of_arrival_gives_the_same_appointment() -> None:
    state = same_in_any_order(
        recorded(),
        recorded("2021-03-05", starts_at=moment("2021-03-11T09:00")),
        recorded("2021-03-11T10:00", status="held", starts_at=moment("2021-03-11T09:00")),
    )

    assert (the(state).status, the(state).starts_at) == ("held", moment("2021-03-11T09:00"))

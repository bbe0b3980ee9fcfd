"""Expertise without delegation: M5, M7, M14, M15."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CaseKey
from hub.domain.pathway import referent
from hub.domain.pathway.expertise import ExpertiseRequest, alerts, anomalies
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.expertise import MODEL
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


def requested(at: str = "2021-03-01", case: CaseKey = FT, **fields: Any) -> ExpertiseRequested:
    told = {"request_id": "R-1", "topic": "compensation", "key_moment": "diagnosis", "ground": "compensation"}
    return event(ExpertiseRequested, at, case, **{**told, **fields})


def delivered(at: str = "2021-03-08", case: CaseKey = CE) -> ExpertiseDelivered:
    return event(ExpertiseDelivered, at, case, request_id="R-1", summary="poste assis conseillé")


def declined(at: str = "2021-03-09", case: CaseKey = CE) -> ExpertiseDeclined:
    return event(ExpertiseDeclined, at, case, request_id="R-1", motive="capacity")


def the(state: Pathway) -> ExpertiseRequest:
    return state.expertise.by_id["R-1"]


def test_expertise_in_both_directions_leaves_the_referent_and_opens_no_delegation() -> None:
    first = event(ReferentAssigned, "2021-01-04", FT, adviser="FT-7", role="referent", from_date=date(2021, 1, 4))
    before = pathway(first)

    state = pathway(
        first,
        requested(),
        delivered(),
        requested("2021-05-03", CE, request_id="R-2", topic="job_search", key_moment="recruitment", ground=None),
        event(ExpertiseDelivered, "2021-05-10", FT, request_id="R-2", summary="ateliers proposés"),
    )

    assert referent.current(state.referents) == referent.current(before.referents)
    assert state.referents == before.referents
    assert len(state.delegations.by_id) == 0
    assert [(row["direction"], row["key_moment"], row["status"]) for row in table(MODEL, state)] == [
        ("to_cap_emploi", "diagnosis", "delivered"),
        ("to_france_travail", "recruitment", "delivered"),
    ]
    assert named(anomalies(state.expertise)) == []


def test_a_request_is_open_until_it_is_answered() -> None:
    asked = requested()

    assert the(pathway(asked)).is_open
    assert the(pathway(asked)).status == Fact("requested", asked.meta.event_id)
    assert table(MODEL, pathway(asked))[0]["answered_by"] is None
    assert not the(pathway(asked, declined())).is_open
    assert the(pathway(asked, declined())).status.value == "declined"


def test_a_request_of_france_travail_without_ground_is_an_anomaly_until_the_ground_is_told() -> None:
    bare = requested(ground=None)

    assert named(anomalies(pathway(bare).expertise)) == ["expertise_without_ground"]
    assert named(anomalies(pathway(bare, requested("2021-03-02")).expertise)) == []
    assert named(anomalies(pathway(requested(case=CE, ground=None)).expertise)) == []


def test_an_answer_met_before_its_request_is_an_anomaly_until_the_request_arrives() -> None:
    answer = delivered("2021-02-26")
    lonely = pathway(answer)

    assert named(anomalies(lonely.expertise)) == ["expertise_without_request"]
    assert the(lonely).status == Fact("delivered", answer.meta.event_id)
    assert table(MODEL, lonely)[0]["direction"] is None
    assert named(anomalies(pathway(answer, requested()).expertise)) == []
    assert the(pathway(answer, requested())).status.value == "delivered"


@pytest.mark.parametrize("answer", [delivered(case=FT), declined(case=FT)])
def test_a_request_answered_by_the_network_that_asked_is_an_anomaly(answer: ExpertiseDelivered) -> None:
    state = pathway(requested(), answer)

    assert [(found.rule, found.event_id) for found in anomalies(state.expertise)] == [
        ("expertise_answered_by_requester", answer.meta.event_id)
    ]
    assert named(anomalies(pathway(requested(), answer, voided(answer)).expertise)) == []


def test_the_later_answer_stands_when_both_are_stated_and_the_pair_is_an_anomaly() -> None:
    asked, given, refused = requested(), delivered("2021-03-08"), declined("2021-03-09")
    late = delivered("2021-03-15")

    assert the(pathway(asked, given, refused)).status == Fact("declined", refused.meta.event_id)
    assert the(pathway(asked, refused, late)).status == Fact("delivered", late.meta.event_id)
    assert named(anomalies(pathway(asked, given, refused).expertise)) == ["expertise_delivered_and_declined"]
    assert named(anomalies(pathway(asked, given, refused, voided(refused, case=CE)).expertise)) == []


def test_a_request_between_networks_awaits_its_answer_for_15_days() -> None:
    asked = requested("2021-03-01")

    (alert,) = alerts(pathway(asked).expertise)

    assert alert == ("expertise_awaits_answer", "expertise:R-1", asked.meta.event_id, date(2021, 3, 16))
    assert list(alerts(pathway(asked, delivered()).expertise)) == []
    assert list(alerts(pathway(delivered()).expertise)) == []


def test_an_outside_partners_request_gets_a_dated_answer_within_30_days() -> None:
    asked = requested("2021-03-01", CE, partner="Mission locale de Lyon")

    (alert,) = alerts(pathway(asked).expertise)
    answered = pathway(asked, delivered("2021-03-20", CE))

    assert alert == ("partner_awaits_answer", "expertise:R-1", asked.meta.event_id, date(2021, 3, 31))
    assert list(alerts(answered.expertise)) == []
    (row,) = table(MODEL, answered)
    assert (row["partner"], row["delivered_at"]) == ("Mission locale de Lyon", moment("2021-03-20"))
    assert named(anomalies(answered.expertise)) == [], "the host network answers its partner itself"


def test_a_row_names_the_event_of_every_column() -> None:
    asked, answer = requested(), delivered()
    state = pathway(asked, answer)

    (row,), (events,) = table(MODEL, state), explained(MODEL, state)

    answered = {"status", "delivered_at", "answered_by"}
    assert {name for name, by in events.items() if by == answer.meta.event_id} == answered
    assert {by for name, by in events.items() if name not in answered} == {asked.meta.event_id}
    assert row == {
        "request_id": "R-1",
        "status": "delivered",
        "from_network": "france_travail",
        "direction": "to_cap_emploi",
        "site": SITE,
        "topic": "compensation",
        "key_moment": "diagnosis",
        "ground": "compensation",
        "partner": None,
        "requested_at": moment("2021-03-01"),
        "answer_due_on": date(2021, 3, 16),
        "delivered_at": moment("2021-03-08"),
        "declined_at": None,
        "decline_motive": None,
        "answered_by": "cap_emploi",
    }


def test_any_order_of_arrival_gives_the_same_request() -> None:
    answer = delivered()

    state = same_in_any_order(requested(), answer, declined(), requested("2021-03-05", key_moment=None))

    assert the(state).summary == Fact("poste assis conseillé", answer.meta.event_id)
    assert the(state).requested_at is not None
    assert the(state).key_moment is not None, "a request repeated without its key moment keeps the one told"

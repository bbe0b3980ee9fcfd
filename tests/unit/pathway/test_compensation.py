"""Compensation needs from first mention to measure: M8, M21."""

from __future__ import annotations

from typing import Any

from hub.domain.events.compensation import (
    CompensationMeasureImplemented,
    CompensationNeedIdentified,
    CompensationNeedRefined,
)
from hub.domain.ids import CaseKey
from hub.domain.pathway.compensation import Need, anomalies
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.compensation import MODELS
from tests.unit.pathway.builders import (
    CE,
    EMPLOYER,
    FT,
    OTHER_EMPLOYER,
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

NEED, VERSION, MEASURE = MODELS


def identified(at: str = "2021-03-01", case: CaseKey = FT, **fields: Any) -> CompensationNeedIdentified:
    told = {"need_id": "N-1", "phase": "diagnosis", "description": "station debout pénible"}
    return event(CompensationNeedIdentified, at, case, **{**told, **fields})


def refined(at: str = "2021-06-01", case: CaseKey = CE, **fields: Any) -> CompensationNeedRefined:
    told = {"need_id": "N-1", "phase": "workstation", "description": "siège assis-debout"}
    return event(CompensationNeedRefined, at, case, **{**told, **fields})


def implemented(at: str = "2021-09-01", **fields: Any) -> CompensationMeasureImplemented:
    told = {"need_id": "N-1", "measure": "workstation", "funder": "agefiph"}
    return event(CompensationMeasureImplemented, at, CE, **{**told, **fields})


def the(state: Pathway) -> Need:
    return state.needs.by_id["N-1"]


def test_one_need_goes_from_first_mention_to_measure_with_every_version_kept() -> None:
    first, second, third = identified(), refined("2021-04-01", phase="project"), refined(rome="M1607", siret=EMPLOYER)
    measure = implemented()

    state = pathway(first, second, third, measure)

    (row,) = table(NEED, state)
    assert row == {
        "need_id": "N-1",
        "status": "closed",
        "phase": "workstation",
        "versions": 3,
        "identified_at": moment("2021-03-01"),
        "identified_by": "france_travail",
        "site": SITE,
        "rome": "M1607",
        "siret": EMPLOYER,
        "measure": "workstation",
        "funder": "agefiph",
        "implemented_at": moment("2021-09-01"),
        "closed_at": moment("2021-09-01"),
    }
    versions = [(row["version"], row["phase"], row["network"], row["author"]) for row in table(VERSION, state)]
    assert versions == [
        (1, "diagnosis", "france_travail", "A-1"),
        (2, "project", "cap_emploi", "A-1"),
        (3, "workstation", "cap_emploi", "A-1"),
    ]
    assert [set(events.values()) for events in explained(VERSION, state)] == [
        {first.meta.event_id},
        {second.meta.event_id},
        {third.meta.event_id},
    ]
    assert [version.description for version in the(state).versions] == [
        "station debout pénible",
        "siège assis-debout",
        "siège assis-debout",
    ]
    assert named(anomalies(state.needs)) == []


def test_a_need_is_open_until_a_measure_closes_it() -> None:
    first, second = identified(), refined()
    partial, closing = implemented("2021-07-01", closes_need=False, measure="transport"), implemented("2021-09-01")

    assert the(pathway(first)).status == Fact("identified", first.meta.event_id)
    assert the(pathway(first, second)).status == Fact("refined", second.meta.event_id)
    assert the(pathway(first, second, partial)).status == Fact("advanced", partial.meta.event_id)
    assert the(pathway(first, second, partial)).is_open
    assert the(pathway(first, second, partial, closing)).status == Fact("closed", closing.meta.event_id)
    assert not the(pathway(first, second, partial, closing)).is_open


def test_every_measure_has_its_row_and_the_need_shows_the_one_that_closed_it() -> None:
    partial = implemented("2021-07-01", closes_need=False, measure="transport", funder=None)
    closing, after = implemented("2021-09-01"), implemented("2021-10-01", closes_need=False, measure="tutoring")

    state = pathway(identified(), partial, closing, after)

    measures = [(row["measure"], row["funder"], row["closes_need"]) for row in table(MEASURE, state)]
    assert measures == [("transport", None, 0), ("workstation", "agefiph", 1), ("tutoring", "agefiph", 0)]
    assert [events["measure"] for events in explained(MEASURE, state)] == [
        partial.meta.event_id,
        closing.meta.event_id,
        after.meta.event_id,
    ]
    assert table(NEED, state)[0]["measure"] == "workstation"
    assert table(NEED, pathway(identified(), partial))[0]["measure"] == "transport"


def test_the_workstation_once_known_stays_known() -> None:
    place = refined("2021-06-01", rome="M1607", siret=EMPLOYER)
    moved = refined("2021-08-01", siret=OTHER_EMPLOYER)

    state = pathway(identified(), place, refined("2021-07-01"), moved)

    assert the(state).rome == Fact("M1607", place.meta.event_id)
    assert the(state).siret == Fact(OTHER_EMPLOYER, moved.meta.event_id)
    events = explained(NEED, state)[0]
    assert (events["rome"], events["siret"]) == (place.meta.event_id, moved.meta.event_id)


def test_a_refinement_or_measure_without_identification_is_an_anomaly_until_it_arrives() -> None:
    second, measure = refined(), implemented()

    assert named(anomalies(pathway(second, measure).needs)) == [
        "measure_without_identification",
        "need_refined_without_identification",
    ]
    assert table(NEED, pathway(measure))[0]["phase"] is None
    assert named(anomalies(pathway(identified(), second, measure).needs)) == []


def test_the_identification_leads_even_when_a_refinements_clock_ran_ahead() -> None:
    first, second = identified("2021-03-01T10:05"), refined("2021-03-01T10:00")

    state = pathway(first, second)

    assert [version.step for version in the(state).versions] == ["identified", "refined"]
    assert table(NEED, state)[0]["phase"] == "workstation"
    assert named(anomalies(state.needs)) == []


def test_a_need_identified_twice_is_an_anomaly_that_a_void_ends() -> None:
    again = identified("2021-05-01", CE)

    state = pathway(identified(), refined(), again)

    assert [version.step for version in the(state).versions] == ["identified", "identified", "refined"]
    assert named(anomalies(state.needs)) == ["need_identified_twice"]
    assert named(anomalies(pathway(identified(), again, voided(again, case=CE)).needs)) == []


def test_a_need_refined_after_it_was_closed_is_an_anomaly() -> None:
    late = refined("2021-10-01")

    state = pathway(identified(), implemented("2021-09-01"), late)

    assert [(found.rule, found.event_id) for found in anomalies(state.needs)] == [
        ("need_refined_after_closing", late.meta.event_id)
    ]
    assert the(state).status.value == "closed"
    assert named(anomalies(pathway(identified(), implemented(), refined("2021-08-01")).needs)) == []


def test_any_order_of_arrival_gives_the_same_need() -> None:
    state = same_in_any_order(identified(), refined(siret=EMPLOYER), refined("2021-07-01"), implemented())

    assert len(the(state).versions) == 3
    assert the(state).status.value == "closed"

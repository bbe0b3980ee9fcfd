"""Diagnoses of each network and the crossed diagnosis: M3."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain.events.diagnosis import (
    CrossedDiagnosisConcluded,
    CrossedDiagnosisContributed,
    CrossedDiagnosisOpened,
    DiagnosisCompleted,
)
from hub.domain.ids import CaseKey
from hub.domain.pathway.diagnosis import CrossedDiagnosis, anomalies, of_network
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.diagnosis import MODELS
from tests.unit.pathway.builders import CE, FT, event, explained, moment, named, pathway, same_in_any_order, table

DIAGNOSIS, CROSSED = MODELS


def diagnosed(at: str = "2021-02-01", case: CaseKey = FT, *themes: str) -> DiagnosisCompleted:
    return event(DiagnosisCompleted, at, case, themes=list(themes), needs="horaires adaptés")


def opened(at: str = "2021-03-01") -> CrossedDiagnosisOpened:
    advisers: dict[str, Any] = {"france_travail_adviser": "FT-7", "cap_emploi_adviser": "CE-3"}
    return event(CrossedDiagnosisOpened, at, FT, crossed_diagnosis_id="X-1", **advisers)


def contributed(at: str, case: CaseKey, contribution: str = "vu ensemble") -> CrossedDiagnosisContributed:
    return event(CrossedDiagnosisContributed, at, case, crossed_diagnosis_id="X-1", contribution=contribution)


def concluded(at: str = "2021-03-20", case: CaseKey = FT, **fields: Any) -> CrossedDiagnosisConcluded:
    told = {"modality": "cap_emploi", "lead_network": "cap_emploi", "reason": "compensation_central"}
    return event(CrossedDiagnosisConcluded, at, case, crossed_diagnosis_id="X-1", **{**told, **fields})


def the(state: Pathway) -> CrossedDiagnosis:
    return state.diagnoses.crossed["X-1"]


def test_each_network_keeps_the_versions_of_its_own_diagnosis_in_order() -> None:
    first, other, second = diagnosed("2020-02-03"), diagnosed("2020-09-01", CE), diagnosed("2021-02-01", FT, "health")

    state = pathway(second, other, first)

    assert [version.event_id for version in of_network(state.diagnoses, "france_travail")] == [
        first.meta.event_id,
        second.meta.event_id,
    ]
    assert [(row["network"], row["version"]) for row in table(DIAGNOSIS, state)] == [
        ("france_travail", 1),
        ("cap_emploi", 1),
        ("france_travail", 2),
    ]
    assert state.diagnoses.versions[0].needs == "horaires adaptés"


def test_themes_are_codes_with_commas_in_the_row() -> None:
    done = diagnosed("2021-02-01", FT, "mobility", "health")

    state = pathway(done)

    assert table(DIAGNOSIS, state)[0]["themes"] == "mobility,health"
    assert set(explained(DIAGNOSIS, state)[0].values()) == {done.meta.event_id}


def test_a_crossed_diagnosis_concludes_with_both_contributions_and_names_modality_lead_and_reason() -> None:
    start, by_ft, by_ce = opened(), contributed("2021-03-03", FT), contributed("2021-03-10", CE)
    end = concluded()

    assert the(pathway(start)).status == Fact("opened", start.meta.event_id)
    assert the(pathway(start, by_ft)).status == Fact("contributed", by_ft.meta.event_id)
    assert the(pathway(start, by_ft, by_ce)).is_open
    state = pathway(start, by_ft, by_ce, end)

    assert the(state).status == Fact("concluded", end.meta.event_id)
    assert not the(state).is_open
    (row,) = table(CROSSED, state)
    assert (row["modality"], row["lead_network"], row["reason"]) == ("cap_emploi", "cap_emploi", "compensation_central")
    assert (row["france_travail_adviser"], row["cap_emploi_adviser"]) == ("FT-7", "CE-3")
    assert named(anomalies(state.diagnoses)) == []


@pytest.mark.parametrize("contributor", [FT, CE])
def test_one_networks_contribution_alone_never_concludes(contributor: CaseKey) -> None:
    start, only = opened(), contributed("2021-03-03", contributor)
    end = concluded()

    state = pathway(start, only, end, concluded("2021-03-21", CE))

    assert the(state).status == Fact("contributed", only.meta.event_id)
    assert the(state).is_open
    (row,) = table(CROSSED, state)
    assert (row["concluded_at"], row["modality"], row["lead_network"], row["reason"]) == (None, None, None, None)
    assert named(anomalies(state.diagnoses)) == ["concluded_without_both_contributions"] * 2


def test_the_conclusion_holds_from_the_missing_contribution_on() -> None:
    start, by_ft, end = opened(), contributed("2021-03-03", FT), concluded("2021-03-20")
    by_ce = contributed("2021-03-25", CE)

    state = pathway(start, by_ft, end, by_ce)

    assert the(state).concluded_at == Fact(moment("2021-03-25"), by_ce.meta.event_id)
    assert explained(CROSSED, state)[0]["modality"] == end.meta.event_id
    assert explained(CROSSED, state)[0]["status"] == by_ce.meta.event_id
    assert named(anomalies(state.diagnoses)) == []


@pytest.mark.parametrize(
    "other", [{"modality": "joint"}, {"lead_network": "france_travail"}, {"reason": "person_choice"}]
)
def test_two_different_conclusions_do_not_hold_until_both_networks_agree(other: dict[str, str]) -> None:
    made = (opened(), contributed("2021-03-03", FT), contributed("2021-03-10", CE), concluded("2021-03-20", FT))
    differing = concluded("2021-03-22", CE, **other)
    agreeing = concluded("2021-03-29", CE)

    apart = pathway(*made, differing)
    together = pathway(*made, differing, agreeing)

    assert the(apart).status.value == "contributed"
    assert [(found.rule, found.event_id) for found in anomalies(apart.diagnoses)] == [
        ("conclusions_differ", differing.meta.event_id)
    ]
    assert the(together).status.value == "concluded"
    assert named(anomalies(together.diagnoses)) == []


def test_a_contribution_or_conclusion_met_before_the_opening_still_makes_the_crossed_diagnosis() -> None:
    by_ft, end = contributed("2021-02-26", FT), concluded("2021-02-27", CE)

    assert the(pathway(end)).status == Fact("opened", end.meta.event_id)
    assert named(anomalies(pathway(by_ft).diagnoses)) == ["crossed_diagnosis_without_opening"]
    assert named(anomalies(pathway(by_ft, opened()).diagnoses)) == []
    assert the(pathway(by_ft, opened())).status.value == "contributed"


def test_a_diagnosis_repeated_by_the_other_network_within_60_days_is_an_anomaly() -> None:
    first, second = diagnosed("2021-02-01"), diagnosed("2021-04-02", CE)

    assert [(found.rule, found.event_id) for found in anomalies(pathway(first, second).diagnoses)] == [
        ("repeated_diagnosis", second.meta.event_id)
    ]
    assert named(anomalies(pathway(first, diagnosed("2021-04-03", CE)).diagnoses)) == [], "61 days later"
    assert named(anomalies(pathway(first, diagnosed("2021-02-20")).diagnoses)) == [], "the same network's next version"


def test_a_diagnosis_of_the_other_network_around_a_crossed_diagnosis_is_not_repeated() -> None:
    first, second = diagnosed("2021-02-01"), diagnosed("2021-02-10", CE)

    assert named(anomalies(pathway(first, second, opened("2021-03-01")).diagnoses)) == []
    assert named(anomalies(pathway(first, second, opened("2022-03-01")).diagnoses)) == ["repeated_diagnosis"]


def test_a_row_of_a_crossed_diagnosis_names_the_event_of_every_column() -> None:
    start, by_ft, by_ce, end = opened(), contributed("2021-03-03", FT), contributed("2021-03-10", CE), concluded()

    (events,) = explained(CROSSED, pathway(start, by_ft, by_ce, end))

    concluding = dict.fromkeys(("status", "concluded_at", "modality", "lead_network", "reason"), end.meta.event_id)
    opening = ("site", "opened_at", "opened_by", "france_travail_adviser", "cap_emploi_adviser")
    assert events == {
        **dict.fromkeys(opening, start.meta.event_id),
        "france_travail_contributed_at": by_ft.meta.event_id,
        "cap_emploi_contributed_at": by_ce.meta.event_id,
        **concluding,
    }


def test_any_order_of_arrival_gives_the_same_diagnoses() -> None:
    state = same_in_any_order(
        diagnosed(), opened(), contributed("2021-03-03", FT), contributed("2021-03-10", CE), concluded()
    )

    assert the(state).contributions["cap_emploi"].contribution == "vu ensemble"
    assert the(state).status.value == "concluded"

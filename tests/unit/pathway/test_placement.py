"""Placements of both networks as one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.placement import anomalies, merged
from tests.unit.pathway.builders import (
    CE,
    EMPLOYER,
    OTHER_EMPLOYER,
    SITE,
    explained,
    moment,
    pathway,
    same_in_any_order,
    table,
    voided,
)
from tests.unit.pathway.placements import PLACEMENT, REPORT, also_placed, placed, recorded, rules, started

OTHER_OPS = CaseKey(CAP_EMPLOI, "44022013500022", "CE-1")


def test_the_same_employer_and_start_day_from_both_networks_is_one_placement() -> None:
    ours, theirs = placed(), also_placed()

    state = pathway(ours, theirs)

    (placement,) = merged(state.placements)
    assert [report.event_id for report in placement.reports] == [ours.meta.event_id, theirs.meta.event_id]
    assert rules(state) == []
    (row,) = table(PLACEMENT, state)
    assert (row["france_travail_id"], row["cap_emploi_id"]) == ("P-FT", "P-CE")
    assert [row["placement_id"] for row in table(REPORT, state)] == ["P-FT", "P-CE"]


@pytest.mark.parametrize("other", [{"siret": OTHER_EMPLOYER}, {"starts_on": "2021-04-02"}])
def test_another_employer_or_start_day_is_another_placement(other: dict[str, Any]) -> None:
    state = pathway(placed(), also_placed(**other))

    assert len(merged(state.placements)) == len(table(PLACEMENT, state)) == 2


@pytest.mark.parametrize("other", [{"contract": "cdd"}, {"ends_on": "2021-12-31"}])
def test_reports_that_differ_are_an_anomaly_until_one_is_voided(other: dict[str, Any]) -> None:
    ours, theirs = placed(), also_placed(**other)

    assert rules(pathway(ours, theirs)) == ["placement_reports_differ"]
    assert rules(pathway(ours, theirs, voided(theirs, case=CE))) == []


def test_a_second_report_by_the_same_network_is_the_same_placement_and_an_anomaly() -> None:
    again = placed("2021-05-03", placement_id="P-FT-2")

    state = pathway(placed(), again)

    (anomaly,) = anomalies(state.placements)
    assert anomaly == ("placement_reported_twice", "placement:P-FT", again.meta.event_id)
    assert len(merged(state.placements)) == 1


def test_a_report_stated_again_under_its_id_replaces_the_one_before() -> None:
    corrected = placed("2021-04-05", starts_on="2021-04-12")

    state = pathway(placed(), corrected)

    (placement,) = merged(state.placements)
    assert (placement.starts_on, placement.reports[0].event_id) == (date(2021, 4, 12), corrected.meta.event_id)
    assert rules(state) == []


def test_two_organisations_may_use_one_id_for_two_placements() -> None:
    state = pathway(placed(case=CE, placement_id="1"), placed(case=OTHER_OPS, placement_id="1", starts_on="2022-01-03"))

    assert len(merged(state.placements)) == 2


def test_a_placement_says_what_its_latest_reports_say_each_with_its_event() -> None:
    ours = placed(rome="M1607", ends_on="2021-09-30", site=None)
    theirs = also_placed()

    state = pathway(ours, theirs)

    assert table(PLACEMENT, state) == [
        {
            "siret": EMPLOYER,
            "starts_on": date(2021, 4, 1),
            "france_travail_id": "P-FT",
            "cap_emploi_id": "P-CE",
            "placed_at": moment("2021-04-02"),
            "site": SITE,
            "contract": "cdi",
            "ends_on": date(2021, 9, 30),
            "rome": "M1607",
        }
    ]
    first, second = ours.meta.event_id, theirs.meta.event_id
    assert explained(PLACEMENT, state) == [
        {
            "france_travail_id": first,
            "cap_emploi_id": second,
            "placed_at": first,
            "site": second,
            "contract": second,
            "ends_on": first,
            "rome": first,
        }
    ]


def test_a_report_is_told_by_network() -> None:
    (placement,) = merged(pathway(placed(), also_placed()).placements)

    ids = {network: placement.of_network(network) for network in (FRANCE_TRAVAIL, CAP_EMPLOI)}
    assert {network: report and report.placement_id for network, report in ids.items()} == {
        FRANCE_TRAVAIL: "P-FT",
        CAP_EMPLOI: "P-CE",
    }


def test_events_in_any_order_give_the_same_placements() -> None:
    state = same_in_any_order(
        placed(), also_placed(contract="cdd"), started("2021-07-01", "2021-10-01"), recorded("2021-07-01")
    )

    assert rules(state) == ["placement_reports_differ"]

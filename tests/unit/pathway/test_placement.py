"""Placements of both networks as one, and the lasting follow-up after them: M9."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.pathway import alerts as all_alerts
from hub.domain.pathway.placement import alerts, anomalies, merged, unplaced
from hub.projections.placement import MODELS
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

PLACEMENT, REPORT, FOLLOW_UP = MODELS
OTHER_OPS = CaseKey(CAP_EMPLOI, "44022013500022", "CE-1")


def placed(at: str = "2021-04-02", case: CaseKey = FT, **fields: Any) -> Placed:
    told = {"placement_id": "P-FT", "siret": EMPLOYER, "contract": "cdi", "starts_on": "2021-04-01"}
    return event(Placed, at, case, **{**told, **fields})


def also_placed(at: str = "2021-04-06", case: CaseKey = CE, **fields: Any) -> Placed:
    return placed(at, case, **{"placement_id": "P-CE", **fields})


def started(*days: str, placement_id: str = "P-FT", at: str = "2021-04-10") -> FollowUpStarted:
    return event(FollowUpStarted, at, placement_id=placement_id, due_on=list(days))


def recorded(day: str, state: str = "good", placement_id: str = "P-FT", at: str = "2021-07-02") -> FollowUpRecorded:
    return event(
        FollowUpRecorded, at, placement_id=placement_id, due_on=day, state=state, comment="Tout se passe bien."
    )


def rules(state: Pathway) -> list[str]:
    return named(anomalies(state.placements))


def awaited(state: Pathway) -> list[date]:
    return [alert.due_on for alert in alerts(state.placements) if alert.rule == "follow_up_due"]


def ending(state: Pathway) -> list[date]:
    return [alert.due_on for alert in all_alerts(state) if alert.rule == "placement_ends"]


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


def test_a_checkpoint_is_expected_on_its_day_until_it_is_recorded() -> None:
    start = started("2021-07-01", "2021-10-01")

    before = pathway(placed(), start)
    after = pathway(placed(), start, recorded("2021-07-01"))

    assert [(alert.rule, alert.due_on, alert.event_id) for alert in alerts(before.placements)] == [
        ("follow_up_due", date(2021, 7, 1), start.meta.event_id),
        ("follow_up_due", date(2021, 10, 1), start.meta.event_id),
    ]
    assert awaited(after) == [date(2021, 10, 1)]
    assert set(alerts(after.placements)) <= set(all_alerts(after))


def test_follow_up_under_either_id_belongs_to_the_one_placement() -> None:
    state = pathway(
        placed(),
        also_placed(),
        started("2021-07-01", placement_id="P-FT"),
        started("2021-07-01", "2021-10-01", placement_id="P-CE", at="2021-04-11"),
        recorded("2021-07-01", placement_id="P-CE"),
    )

    (placement,) = merged(state.placements)
    assert [(checkpoint.due_on, checkpoint.status.value) for checkpoint in placement.checkpoints] == [
        (date(2021, 7, 1), "held"),
        (date(2021, 10, 1), "awaited"),
    ]
    assert rules(state) == []


@pytest.mark.parametrize("at", ["2021-04-02", "2021-04-08"])
def test_an_id_that_both_networks_use_means_cap_emplois_placement_in_its_follow_up(at: str) -> None:
    ours = placed(at, placement_id="1", siret=OTHER_EMPLOYER)

    state = pathway(ours, also_placed(placement_id="1"), started("2021-07-01", placement_id="1"))

    followed = {placement.siret: len(placement.checkpoints) for placement in merged(state.placements)}
    assert followed == {OTHER_EMPLOYER: 0, EMPLOYER: 1}


def test_nothing_is_expected_after_the_placement_ended() -> None:
    state = pathway(placed(ends_on="2021-07-01"), started("2021-07-01", "2021-10-01"))

    assert awaited(state) == [date(2021, 7, 1)]
    assert [row["status"] for row in table(FOLLOW_UP, state)] == ["awaited", "lapsed"]


def test_nothing_is_expected_after_a_checkpoint_found_the_contract_broken() -> None:
    start = started("2021-05-01", "2021-07-01", "2021-10-01")

    state = pathway(placed(), start, recorded("2021-07-01", state="ended"))

    assert awaited(state) == [date(2021, 5, 1)]


def test_the_end_of_a_contract_is_told_while_nothing_follows_it() -> None:
    short = placed(ends_on="2021-09-30", contract="cdd")

    assert list(alerts(pathway(short).placements)) == [
        ("placement_ends", "placement:P-FT", short.meta.event_id, date(2021, 9, 30))
    ]
    assert ending(pathway(placed())) == []


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_followed"),
    [
        ("2021-10-01", "2021-12-31", True),
        ("2021-09-30", None, True),
        ("2021-09-01", None, True),
        ("2021-09-01", "2021-12-31", True),
        ("2021-09-01", "2021-09-15", False),
        ("2019-01-01", None, False),
    ],
)
def test_a_placement_that_runs_on_beyond_the_end_follows_it(
    starts_on: str, ends_on: str | None, is_followed: bool
) -> None:
    first = placed(ends_on="2021-09-30", contract="cdd")
    other = placed("2021-09-01", placement_id="P-2", siret=OTHER_EMPLOYER, starts_on=starts_on, ends_on=ends_on)

    assert (date(2021, 9, 30) not in ending(pathway(first, other))) is is_followed


def test_a_contract_found_broken_or_left_behind_with_the_pathway_has_no_end_to_prepare() -> None:
    short = placed(ends_on="2021-09-30")
    left = event(PathwayClosed, "2021-05-03", motive="moved")

    assert ending(pathway(short, started("2021-07-01"), recorded("2021-07-01", state="ended"))) == []
    assert ending(pathway(short, left)) == []
    assert ending(pathway(short, left, event(PathwayReopened, "2021-06-07", trigger="person"))) == [date(2021, 9, 30)]


def test_a_checkpoint_that_was_never_due_is_an_anomaly_until_it_is_announced() -> None:
    held = recorded("2021-07-01")

    assert rules(pathway(placed(), started("2021-10-01"), held)) == ["follow_up_not_due"]
    assert rules(pathway(placed(), started("2021-10-01"), held, started("2021-07-01"))) == []


def test_follow_up_without_placement_is_an_anomaly_until_the_placement_arrives() -> None:
    start = started("2021-10-01")

    alone, joined = pathway(start), pathway(start, placed())

    assert list(anomalies(alone.placements)) == [("follow_up_without_placement", "placement:P-FT", start.meta.event_id)]
    assert awaited(alone) == awaited(joined) == [date(2021, 10, 1)]
    assert rules(joined) == []
    assert unplaced(joined.placements) == {}
    assert [row["siret"] for row in (*table(FOLLOW_UP, alone), *table(FOLLOW_UP, joined))] == [None, EMPLOYER]


def test_the_latest_record_of_a_checkpoint_stands() -> None:
    state = pathway(
        placed(), started("2021-07-01"), recorded("2021-07-01"), recorded("2021-07-01", "watch", at="2021-07-05")
    )

    (row,) = table(FOLLOW_UP, state)
    assert (row["state"], row["recorded_at"]) == ("watch", moment("2021-07-05"))


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


def test_a_checkpoints_row_names_the_event_of_each_fact() -> None:
    job, start, held = placed(), started("2021-07-01"), recorded("2021-07-01")

    assert explained(FOLLOW_UP, pathway(job, start, held)) == [
        {
            "status": held.meta.event_id,
            "siret": job.meta.event_id,
            "starts_on": job.meta.event_id,
            "state": held.meta.event_id,
            "recorded_at": held.meta.event_id,
        }
    ]


def test_the_adviser_can_read_the_comment_but_no_table_holds_it() -> None:
    state = pathway(placed(), started("2021-07-01"), recorded("2021-07-01"))

    assert state.placements.records[0].comment == "Tout se passe bien."
    assert "Tout se passe bien." not in str([list(model.rows(state)) for model in MODELS])


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

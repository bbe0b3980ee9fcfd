"""The lasting follow-up after a placement: which checkpoints are expected, until when, and what they found."""

from __future__ import annotations

from datetime import date

import pytest

from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.pathway import alerts as all_alerts
from hub.domain.pathway.placement import alerts, anomalies, merged, unplaced
from hub.projections.placement import MODELS
from tests.unit.pathway.builders import EMPLOYER, OTHER_EMPLOYER, event, explained, moment, pathway, table
from tests.unit.pathway.placements import FOLLOW_UP, also_placed, placed, recorded, rules, started


def awaited(state: Pathway) -> list[date]:
    return [alert.due_on for alert in alerts(state.placements) if alert.rule == "follow_up_due"]


def ending(state: Pathway) -> list[date]:
    return [alert.due_on for alert in all_alerts(state) if alert.rule == "placement_ends"]


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

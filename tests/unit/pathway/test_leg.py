"""Legs: each network's part of the pathway."""

from __future__ import annotations

from itertools import permutations

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.case import CaseClosed, CaseRegistered, CaseReopened, CaseUpdated
from hub.domain.ids import CAP_EMPLOI, CaseKey
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.leg import Leg, case_text
from hub.domain.pathway.pathway import Pathway
from hub.projections import leg as table
from tests.unit.pathway.builders import CE, FT, OPS, arriving, event, moment, pathway, ref, registered, rules, shown_by


def leg(state: Pathway, case: CaseKey = FT) -> Leg:
    return state.legs.by_case[case_text(case)]


def closed(at: str, case: CaseKey = FT) -> CaseClosed:
    return event(CaseClosed, at, case, motive="employment")


def reopened(at: str, case: CaseKey = FT) -> CaseReopened:
    return event(CaseReopened, at, case, motive="job_lost")


def test_a_second_networks_intake_joins_the_pathway() -> None:
    first, second = registered(FT, "2020-01-06"), registered(CE, "2020-03-02", other=FT)

    state = pathway(first, second)

    assert list(state.legs.by_case) == [case_text(FT), case_text(CE)]
    assert state.person_id == first.meta.event_id
    assert leg(state, CE).other_case == Fact(FT, second.meta.event_id)


def test_a_registration_opens_the_leg_with_what_it_says() -> None:
    intake = registered(FT, public="employee", site="69001")

    found = leg(pathway(intake))

    by = intake.meta.event_id
    assert (found.is_open, found.status) == (True, Fact("open", by))
    assert (found.public, found.site, found.registered_at) == (
        Fact("employee", by),
        Fact("69001", by),
        Fact(moment("2020-01-06"), by),
    )


def test_closing_ends_only_that_networks_leg() -> None:
    end = closed("2020-06-01", FT)
    state = pathway(registered(FT), registered(CE), end)

    assert leg(state, FT).status == Fact("closed", end.meta.event_id)
    assert leg(state, FT).periods[0].closing_motive == Fact("employment", end.meta.event_id)
    assert leg(state, CE).is_open


def test_every_period_of_a_leg_is_kept() -> None:
    events = (registered(), closed("2020-06-01"), reopened("2020-09-01"), closed("2021-02-01"), reopened("2021-05-03"))

    state = pathway(*events)

    periods = [(p.opened_at and p.opened_at.value, p.closed_at and p.closed_at.value) for p in leg(state).periods]
    assert periods == [
        (moment("2020-01-06"), moment("2020-06-01")),
        (moment("2020-09-01"), moment("2021-02-01")),
        (moment("2021-05-03"), None),
    ]
    assert rules(state) == []


def test_the_periods_are_the_same_in_any_order_of_arrival() -> None:
    events = (registered(), closed("2020-06-01"), reopened("2020-09-01"), closed("2021-02-01"))
    expected = pathway(*events).legs

    for order in permutations(events):
        assert arriving([one] for one in order).legs == expected


def test_an_update_changes_only_what_it_states() -> None:
    intake = event(CaseRegistered, "2020-01-06", traits={}, public="job_seeker", category="1")
    named = event(CaseUpdated, "2020-02-03", other_case=ref(CE))
    recategorised = event(CaseUpdated, "2020-03-02", category="5", site=None)

    found = leg(pathway(intake, named, recategorised))

    assert found.category == Fact("5", recategorised.meta.event_id)
    assert found.other_case == Fact(CE, named.meta.event_id)
    assert found.site == Fact(intake.meta.site, named.meta.event_id)
    assert found.updated_at.event_id == recategorised.meta.event_id


def test_an_update_after_closing_leaves_the_leg_closed() -> None:
    state = pathway(registered(), closed("2020-06-01"), event(CaseUpdated, "2020-06-08", availability="training"))

    assert not leg(state).is_open


def test_only_events_of_the_record_itself_make_a_leg() -> None:
    meeting = event(
        AppointmentRecorded,
        appointment_id="R-1",
        starts_at=moment("2021-03-01"),
        status="held",
        mode="phone",
        place="agency",
    )

    assert pathway(meeting).legs.by_case == {}


def test_a_case_without_registration_is_an_anomaly_until_the_registration_arrives() -> None:
    update = event(CaseUpdated, "2020-02-03", category="2")
    end = closed("2020-06-01")

    assert shown_by(arriving([[update], [end]]), "case_without_registration") == [update.meta.event_id]
    assert rules(arriving([[update], [end], [registered(at="2020-01-06", site=None)]])) == []


def test_a_leg_of_which_only_the_end_is_known_is_closed() -> None:
    state = pathway(closed("2020-06-01"))

    assert not leg(state).is_open
    assert leg(state).periods[0].opened_at is None
    assert rules(state) == ["case_without_registration"]


def test_closing_twice_is_an_anomaly_until_the_reopening_arrives() -> None:
    events = (registered(), closed("2020-06-01"), closed("2021-02-01"))

    assert shown_by(pathway(*events), "case_closed_twice") == [events[2].meta.event_id]
    assert rules(arriving([events, [reopened("2020-09-01")]])) == []


def test_reopening_an_open_leg_is_an_anomaly_until_the_closing_arrives() -> None:
    events = (registered(), reopened("2020-09-01"))

    assert shown_by(pathway(*events), "case_reopened_while_open") == [events[1].meta.event_id]
    assert rules(arriving([events, [closed("2020-06-01")]])) == []


def test_registering_the_same_case_twice_is_an_anomaly() -> None:
    again = registered(FT, "2020-09-01")

    state = pathway(registered(FT), again)

    assert shown_by(state, "case_registered_twice") == [again.meta.event_id]
    assert len(leg(state).periods) == 1


def test_two_organisations_of_cap_emploi_have_a_leg_each() -> None:
    other = CaseKey(CAP_EMPLOI, "51234567900017", CE.local_id)

    state = pathway(registered(CE), registered(other), closed("2020-06-01", CE))

    assert (leg(state, CE).is_open, leg(state, other).is_open) == (False, True)


def test_a_row_names_the_event_of_each_column() -> None:
    intake, end = registered(CE, other=FT), closed("2020-06-01", CE)

    (found,) = table.rows(pathway(intake, end))

    values = dict(zip(("case_record", *table.NAMES, "event_id", "events"), found, strict=True))
    assert values["case_record"] == f"cap_emploi/{OPS}/CE-1"
    assert (values["status"], values["closing_motive"], values["event_id"]) == (
        "closed",
        "employment",
        end.meta.event_id,
    )
    assert values["other_case"] == case_text(FT)
    assert f'"registered_at":"{intake.meta.event_id}"' in values["events"]
    assert "closed_at" not in values["events"]

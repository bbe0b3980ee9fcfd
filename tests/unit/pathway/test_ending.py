"""When nobody accompanied the person any more: the phase then, and what is still expected."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.domain.events.case import CaseReopened
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.placement import FollowUpStarted, Placed
from hub.domain.events.retention import RetentionConcluded, RetentionOpened
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CaseKey
from hub.domain.pathway.ending import ended, endings, phase
from hub.domain.pathway.pathway import Pathway, alerts
from hub.projections import pathway as head
from tests.unit.pathway.accompaniments import closed, left, opened, referent, taken_up
from tests.unit.pathway.builders import CE, EMPLOYER, FT, due, event, explained, pathway, registered, table

BOTH = (registered(FT), registered(CE, "2020-02-03"))


def proposed(at: str = "2020-03-02") -> DelegationProposed:
    return event(DelegationProposed, at, delegation_id="D-1")


def times(state: Pathway) -> list[tuple[str, str | None]]:
    return [
        (each.since.value.date().isoformat(), each.until.value.date().isoformat() if each.until else None)
        for each in endings(state)
    ]


def phase_of(*events: Event) -> tuple[str, str] | None:
    told = phase(pathway(*events))
    return None if told is None else (told.value, told.event_id)


def test_nothing_has_ended_while_one_network_has_an_open_record() -> None:
    state = pathway(*BOTH, closed("2021-06-01"))
    assert (ended(state), endings(state)) == (None, [])


def test_the_accompaniment_ends_with_the_last_record_that_closes() -> None:
    last = closed("2021-07-01", CE)
    state = pathway(*BOTH, closed("2021-06-01"), last)
    end = ended(state)
    assert end is not None
    assert (end.value.date(), end.event_id) == (date(2021, 7, 1), last.meta.event_id)
    assert phase_of(*BOTH, closed("2021-06-01"), last) == ("closed", last.meta.event_id)


def test_a_person_of_one_network_alone_is_left_with_its_record() -> None:
    assert times(pathway(registered(FT), closed("2021-06-01"))) == [("2021-06-01", None)]


def test_the_exit_ends_it_whatever_the_records_say() -> None:
    state = pathway(*BOTH, left("2021-06-01"))
    assert times(state) == [("2021-06-01", None)]
    assert ended(state) is not None


def test_the_exit_stated_after_the_records_were_closed_ends_nothing_more() -> None:
    last = closed("2021-06-01", CE)
    assert phase_of(*BOTH, closed("2021-05-03"), last, left("2021-06-15")) == ("closed", last.meta.event_id)


def test_a_record_reopened_makes_it_go_on_in_the_phase_where_it_was() -> None:
    delegated = (proposed(), event(DelegationAccepted, "2020-03-09", delegation_id="D-1"))
    events = (*BOTH, *delegated, closed("2021-06-01"), closed("2021-07-01", CE))
    back = event(CaseReopened, "2021-09-01", CE)
    assert phase_of(*events, back) == ("accompaniment", delegated[1].meta.event_id)
    assert times(pathway(*events, back)) == [("2021-07-01", "2021-09-01")]


def test_a_network_that_registers_the_person_later_makes_it_go_on() -> None:
    assert times(pathway(registered(FT), closed("2020-06-01"), registered(CE, "2020-09-01"))) == [
        ("2020-06-01", "2020-09-01")
    ]


def test_the_pathway_taken_up_again_goes_on_even_if_its_records_stay_closed() -> None:
    events = (*BOTH, closed("2021-06-01"), closed("2021-06-02", CE), left("2021-06-15"), taken_up("2021-09-01"))
    assert times(pathway(*events)) == [("2021-06-02", "2021-09-01")]
    assert ended(pathway(*events)) is None


def test_a_record_reopened_while_the_pathway_is_left_waits_for_the_pathway() -> None:
    events = (registered(FT), closed("2021-06-01"), left("2021-06-15"), event(CaseReopened, "2021-08-01", FT))
    assert times(pathway(*events)) == [("2021-06-01", None)]
    assert times(pathway(*events, taken_up("2021-09-01"))) == [("2021-06-01", "2021-09-01")]


def test_one_record_of_a_network_closed_on_the_day_the_next_opens_ends_nothing() -> None:
    moved = CaseKey(FT.network, "", "22345678901")
    assert times(pathway(registered(FT), registered(moved, "2021-06-01"), closed("2021-06-01"))) == []


def test_a_referent_named_after_the_end_accompanies_all_the_same() -> None:
    events = (registered(FT), closed("2021-06-01"), referent("FT-2", "2021-07-01"))
    assert ended(pathway(*events)) is None
    assert phase_of(*events) != ("closed", events[1].meta.event_id)


def test_nothing_ends_that_has_no_record_and_was_never_left() -> None:
    state = pathway(proposed())
    assert (ended(state), endings(state)) == (None, [])


def test_only_what_was_announced_to_the_person_or_a_partner_is_expected_after_the_end() -> None:
    expected = (
        proposed(),
        event(ExpertiseRequested, "2020-03-02", request_id="E-1", topic="rights"),
        event(ExpertiseRequested, "2020-03-02", CE, request_id="E-2", topic="rights", partner="Agefiph"),
        event(DisabilityTitleRecorded, "2020-03-02", title="rqth", valid_from="2020-01-01", valid_to="2025-01-01"),
        event(
            Placed,
            "2020-04-01",
            CE,
            placement_id="P-1",
            siret=EMPLOYER,
            starts_on="2020-04-01",
            ends_on="2022-04-01",
            contract="cdd",
        ),
        event(FollowUpStarted, "2020-04-02", placement_id="P-1", due_on=["2021-10-01"]),
        event(RetentionOpened, "2020-05-04", retention_id="R-1", siret=EMPLOYER, origin="person"),
        event(RetentionConcluded, "2020-06-01", retention_id="R-1", outcome="not_retained"),
    )
    before = pathway(*BOTH, *expected, closed("2021-06-01"))
    assert set(due(before)) == {
        "delegation_awaits_answer",
        "expertise_awaits_answer",
        "partner_awaits_answer",
        "title_expires",
        "placement_ends",
        "follow_up_due",
        "transition_expected",
    }
    events = (*BOTH, *expected, closed("2021-06-01"), closed("2021-07-01", CE))
    assert set(due(pathway(*events))) == {"follow_up_due", "transition_expected", "partner_awaits_answer"}
    back = event(CaseReopened, "2021-09-01", CE)
    assert list(alerts(pathway(*events, back))) == list(alerts(before))


def test_the_row_of_a_pathway_says_closed_by_the_record_that_closed_last() -> None:
    last = closed("2021-07-01", CE)
    state = pathway(*BOTH, opened("2020-03-02"), closed("2021-06-01"), last)
    (row,), (by,) = table(head.MODEL, state), explained(head.MODEL, state)
    assert (row["phase"], by["phase"]) == ("closed", last.meta.event_id)


_STEPS = st.sampled_from(("close FT", "open FT", "close CE", "open CE", "leave", "take up"))


def stated(step: str, at: str) -> Event:
    case = FT if step.endswith("FT") else CE
    match step.split(maxsplit=1)[0]:
        case "close":
            return closed(at, case)
        case "open":
            return event(CaseReopened, at, case)
        case "leave":
            return left(at)
        case _:
            return taken_up(at)


@given(st.lists(_STEPS, max_size=8))
def test_the_times_without_accompaniment_follow_each_other_and_only_the_last_may_go_on(steps: list[str]) -> None:
    made: list[Event] = [*BOTH]
    for month, step in enumerate(steps, 1):
        made.append(stated(step, f"2021-{month:02}-01"))
        state = pathway(*made)
        found = endings(state)
        assert all(one.until is not None and one.until.value > one.since.value for one in found[:-1])
        assert all(one.until is not None and one.until < other.since for one, other in pairwise(found))
        has_open = any(leg.is_open for leg in state.legs.by_case.values())
        if has_open and not state.lifecycle.is_closed:
            assert not found or found[-1].until is not None
        if state.lifecycle.is_closed:
            assert found[-1].until is None
            assert ended(state) == found[-1].since

"""The list: every event once, in order, folded, filtered and paged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.delegation import DelegationAccepted, DelegationEnded, DelegationProposed
from hub.web.frieze.choice import ALL, Choice, choice_of, said
from hub.web.frieze.chronicle import Told
from hub.web.words import NBSP
from tests.unit.pathway.builders import CE, FT, event, registered, voided
from tests.web.frieze.views import choices, drawn, lives, long_lives, pages, told, view_of


def rows(*events: Event, choice: Choice = ALL) -> list[Told]:
    return [row for year in drawn(events, choice).chronicle.years for row in year.rows]


def updated(at: str) -> CaseUpdated:
    return event(CaseUpdated, at, FT)


@settings(max_examples=40)
@given(lives, choices)
def test_every_event_is_told_once_or_hidden_and_counted(events: list[Event], choice: Choice) -> None:
    lines = view_of(events).timeline
    turned = list(pages(events, choice))

    seen = [event_id for page in turned for event_id in told(page)]

    assert len(seen) == len(set(seen))
    assert set(seen) <= {line["event_id"] for line in lines}
    assert all(len(seen) + page.filters.hidden == len(lines) for page in turned)
    assert all(page.chronicle.shown + page.chronicle.before + page.chronicle.after == len(seen) for page in turned)


@settings(max_examples=15)
@given(long_lives, st.sampled_from(("recent", "ancien")))
def test_the_pages_tell_the_whole_in_canonical_order(events: list[Event], order: str) -> None:
    lines = [line["event_id"] for line in view_of(events).timeline]
    turned = list(pages(events, choice_of([("ordre", order)])))

    seen = [event_id for page in turned for event_id in told(page)]

    assert seen == (lines if order == "ancien" else lines[::-1])


@given(choices)
def test_a_choice_is_read_as_its_address_says_it(choice: Choice) -> None:
    assert choice_of(said(choice)) == choice


@pytest.mark.parametrize(
    "parameters",
    [
        [
            ("reseau", "x"),
            ("nature", "<b>"),
            ("du", "31/13/2021"),
            ("jusqu", "9999-99-99"),
            ("ordre", "?"),
            ("avant", ""),
        ],
        [("au", "2021-01-01"), ("page", "2")],
    ],
)
def test_what_an_address_cannot_mean_is_passed_over(parameters: list[tuple[str, str]]) -> None:
    assert choice_of(parameters) == ALL


def test_a_page_that_begins_after_an_unknown_event_is_the_first() -> None:
    events = [registered()]

    assert told(drawn(events, Choice(before="nothing"))) == [events[0].meta.event_id]


def test_updates_in_a_row_are_one_entry() -> None:
    first, *_, last = events = [registered(), *(updated(f"2021-0{month}-04") for month in range(1, 7))]

    folded, opening = rows(*events)

    assert folded.row.said.replace(NBSP, " ") == "6 actualisations, jusqu’au 4 juin 2021"
    assert folded.row.entries[0].event_id == last.meta.event_id
    assert opening.entry.event_id == first.meta.event_id


def test_an_update_that_was_voided_stands_alone() -> None:
    update = updated("2021-02-04")
    events = [registered(), update, updated("2021-02-05"), voided(update, "2021-02-06")]

    assert [len(row.row.entries) for row in rows(*events)] == [1, 1, 1, 1]
    assert next(row.entry for row in rows(*events) if row.entry.event_id == update.meta.event_id).is_voided


def test_a_long_time_without_any_act_is_said_between_the_acts_around_it() -> None:
    events = [registered(at="2020-01-06"), registered(CE, "2020-09-10")]

    after, before = rows(*events)

    assert (after.quiet_above, after.quiet_below) == ("", f"8{NBSP}mois")
    assert (before.quiet_above, before.quiet_below) == ("", "")
    assert rows(*events, choice=Choice(order="ancien"))[1].quiet_above == f"8{NBSP}mois"


def test_a_delegation_is_a_line_that_is_awaited_then_in_force() -> None:
    steps = [
        event(DelegationProposed, "2021-02-01", FT, delegation_id="D", ground=None, planned_end=None),
        event(AppointmentRecorded, "2021-02-02", FT, **_APPOINTMENT),
        event(DelegationAccepted, "2021-02-03", CE, delegation_id="D", motive=None),
        event(DelegationEnded, "2021-02-04", CE, delegation_id="D", motive="goal_reached"),
    ]

    lines = [
        [(rail.above, rail.below, rail.is_step) for rail in row.rails]
        for row in rows(registered(), *steps, choice=Choice(order="ancien"))
    ]

    assert lines == [[], [(0, 1, True)], [(1, 1, False)], [(1, 2, True)], [(2, 0, True)]]


def test_newest_first_a_line_runs_the_other_way() -> None:
    proposed = event(DelegationProposed, "2021-02-01", FT, delegation_id="D", ground=None, planned_end=None)

    latest, opening = rows(registered(), proposed)

    assert [(rail.above, rail.below) for rail in latest.rails] == [(1, 0)]
    assert opening.rails == ()


def test_an_event_that_a_filter_hides_leads_to_its_own_page() -> None:
    events = [
        registered(),
        event(DelegationProposed, "2021-02-01", FT, delegation_id="D", ground=None, planned_end=None),
    ]
    overview = drawn(events, Choice(themes=frozenset({"delegation"}))).overview

    assert overview is not None
    assert {hit.href.partition("?")[0] for hit in overview.hits} == {
        f"/parcours/01890a5d-0000-7000-8000-000000000001/evenements/{events[0].meta.event_id}",
        f"#e-{events[1].meta.event_id}",
    }


_APPOINTMENT: dict[str, Any] = {
    "appointment_id": "A",
    "starts_at": "2021-02-02T09:00:00Z",
    "status": "held",
    "mode": "on_site",
    "place": "agency",
}

"""Delegations of accompaniment (M4, M7)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from hub.domain.events.delegation import (
    DelegationAccepted,
    DelegationCancelled,
    DelegationDeclined,
    DelegationEnded,
    DelegationProposed,
    DelegationReviewed,
)
from hub.domain.ids import CaseKey
from hub.domain.pathway.delegation import Delegation
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.pathway import alerts as all_alerts
from hub.projections import delegation as table
from tests.unit.pathway.builders import CE, FT, arriving, due, event, moment, pathway, rules, shown_by
from tests.unit.pathway.builders import table as rows_of


def proposed(at: str = "2021-03-01", delegation: str = "D-1", **fields: Any) -> DelegationProposed:
    return event(DelegationProposed, at, delegation_id=delegation, **{"ground": "compensation", **fields})


def accepted(at: str = "2021-03-08", delegation: str = "D-1") -> DelegationAccepted:
    return event(DelegationAccepted, at, delegation_id=delegation, motive="fits")


def declined(at: str = "2021-03-08", delegation: str = "D-1") -> DelegationDeclined:
    return event(DelegationDeclined, at, delegation_id=delegation, motive="capacity")


def reviewed(at: str = "2021-06-07", case: CaseKey = CE, **fields: Any) -> DelegationReviewed:
    return event(DelegationReviewed, at, case, delegation_id="D-1", outcome="continue", **fields)


def ended(at: str = "2021-09-06", delegation: str = "D-1") -> DelegationEnded:
    return event(DelegationEnded, at, CE, delegation_id=delegation, motive="goal_reached")


def cancelled(at: str = "2021-03-03", delegation: str = "D-1") -> DelegationCancelled:
    return event(DelegationCancelled, at, delegation_id=delegation, motive="error")


def only(state: Pathway) -> Delegation:
    (found,) = state.delegations.by_id.values()
    return found


@pytest.mark.parametrize(
    ("build", "status", "is_open"),
    [
        ([proposed], "proposed", True),
        ([proposed, accepted], "active", True),
        ([proposed, declined], "declined", False),
        ([proposed, accepted, reviewed], "active", True),
        ([proposed, accepted, reviewed, ended], "ended", False),
        ([proposed, cancelled], "cancelled", False),
    ],
)
def test_the_status_is_the_furthest_step_and_names_its_event(build: list[Any], status: str, is_open: bool) -> None:
    events = [step() for step in build]

    found = only(pathway(*events))

    steps = [one for one in events if not isinstance(one, DelegationReviewed)]
    assert found.status == Fact(status, steps[-1].meta.event_id)
    assert found.is_open is is_open


def test_a_proposal_says_its_ground_site_and_planned_end() -> None:
    proposal = proposed(planned_end="2021-12-31", site="69001")

    found = only(pathway(proposal))

    by = proposal.meta.event_id
    assert (found.ground, found.site, found.planned_end) == (
        Fact("compensation", by),
        Fact("69001", by),
        Fact(date(2021, 12, 31), by),
    )


def test_a_review_moves_the_planned_end_and_is_counted() -> None:
    last = reviewed("2021-08-02", FT, planned_end="2022-06-30")

    found = only(pathway(proposed(planned_end="2021-12-31"), accepted(), reviewed(), last))

    assert (found.reviews, found.reviewed_at) == (2, Fact(moment("2021-08-02"), last.meta.event_id))
    assert found.planned_end == Fact(date(2022, 6, 30), last.meta.event_id)


def test_the_later_of_two_answers_stands() -> None:
    acceptance = accepted("2021-03-15")

    found = only(pathway(proposed(), declined("2021-03-08"), acceptance))

    assert found.status == Fact("active", acceptance.meta.event_id)
    assert found.answer_motive == Fact("fits", acceptance.meta.event_id)
    assert (found.is_open, found.stopped_at) == (True, None)


@pytest.mark.parametrize(
    ("first", "last", "status"), [(accepted, declined, "declined"), (declined, accepted, "active")]
)
def test_both_answers_are_kept_and_are_an_anomaly(first: Any, last: Any, status: str) -> None:
    later = last("2021-04-12")
    state = pathway(proposed(), first("2021-03-08"), later)

    (row,) = rows_of(table.MODEL, state)
    days = {row["accepted_at"].date(), row["declined_at"].date()}
    assert (row["status"], days) == (status, {date(2021, 3, 8), date(2021, 4, 12)})
    assert shown_by(state, "delegation_accepted_and_declined") == [later.meta.event_id]
    assert rules(pathway(proposed(), later)) == []


@pytest.mark.parametrize("answer", [accepted, declined, cancelled, ended])
def test_a_proposal_awaits_an_answer_for_fifteen_days(answer: Any) -> None:
    proposal = proposed("2021-03-01")

    assert list(all_alerts(pathway(proposal))) == [
        ("delegation_awaits_answer", "delegation:D-1", proposal.meta.event_id, date(2021, 3, 16))
    ]
    assert due(pathway(proposal, answer())) == {}


def test_a_delegation_in_force_is_due_to_end_as_planned_until_it_ends_or_is_prolonged() -> None:
    proposal = proposed(planned_end="2021-08-31")
    prolonged = reviewed(planned_end="2022-06-30")

    assert list(all_alerts(pathway(proposal, accepted()))) == [
        ("delegation_past_end", "delegation:D-1", proposal.meta.event_id, date(2021, 8, 31))
    ]
    assert due(pathway(proposal, accepted(), prolonged)) == {"delegation_past_end": date(2022, 6, 30)}
    assert due(pathway(proposal, accepted(), ended())) == {}
    assert due(pathway(proposal, declined())) == {}


def test_an_acceptance_filed_before_its_proposal_meets_it() -> None:
    acceptance, proposal = accepted("2021-03-01T08:00"), proposed("2021-03-01T17:00")

    state = pathway(acceptance, proposal)

    assert only(state).status == Fact("active", acceptance.meta.event_id)
    assert rules(state) == []


def test_a_delegation_is_the_same_in_any_order_of_arrival() -> None:
    events = (proposed(), accepted(), reviewed(planned_end="2022-06-30"), ended())
    expected = list(table.rows(pathway(*events)))

    for order in permutations(events):
        assert list(table.rows(arriving([one] for one in order))) == expected


@pytest.mark.parametrize(
    ("rule", "first", "missing"),
    [
        ("delegation_without_proposal", [accepted], [proposed]),
        ("delegation_ended_without_acceptance", [proposed, ended], [accepted]),
        ("delegation_reviewed_without_acceptance", [proposed, reviewed], [accepted]),
    ],
)
def test_a_missing_step_is_an_anomaly_until_it_arrives(rule: str, first: list[Any], missing: list[Any]) -> None:
    events = [step() for step in first]
    late = [step() for step in missing]

    assert shown_by(arriving([events]), rule) == [events[-1].meta.event_id]
    assert rules(arriving([events, late])) == []


def test_a_delegation_without_ground_is_an_anomaly() -> None:
    proposal = proposed(ground=None)

    assert shown_by(pathway(proposal), "delegation_without_ground") == [proposal.meta.event_id]


def test_cancelling_after_the_answer_is_an_anomaly() -> None:
    late = cancelled("2021-04-05")

    assert shown_by(pathway(proposed(), accepted(), late), "delegation_cancelled_after_answer") == [late.meta.event_id]


@pytest.mark.parametrize(
    ("between", "expected"),
    [([], 1), ([accepted], 1), ([accepted, ended], 0), ([declined], 0), ([cancelled], 0)],
)
def test_a_second_delegation_is_an_anomaly_while_the_first_is_open(between: list[Any], expected: int) -> None:
    events = [proposed("2021-03-01"), *(step() for step in between)]
    second = proposed("2021-10-04", "D-2")

    shown = shown_by(pathway(*events, second), "second_open_delegation")

    assert shown == [second.meta.event_id] * expected


def test_a_second_proposal_before_the_first_ended_is_an_anomaly() -> None:
    second = proposed("2021-08-02", "D-2")
    state = pathway(proposed(), accepted(), second, ended("2021-09-06"))

    assert shown_by(state, "second_open_delegation") == [second.meta.event_id]


def test_a_row_names_the_event_of_every_step() -> None:
    events = proposal, acceptance, end = proposed(), accepted(), ended()

    (row,) = table.rows(pathway(*events))

    values = dict(zip(("delegation_id", *table.NAMES, "event_id", "events"), row, strict=True))
    assert (values["delegation_id"], values["status"], values["event_id"]) == ("D-1", "ended", end.meta.event_id)
    assert f'"proposed_at":"{proposal.meta.event_id}"' in values["events"]
    assert f'"accepted_at":"{acceptance.meta.event_id}"' in values["events"]
    assert "ended_at" not in values["events"]

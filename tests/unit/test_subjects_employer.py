"""Employers: one active contact per topic (M13), and the joint actions toward them (M16)."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.employer import EmployerActionHeld, EmployerContactAssigned
from hub.domain.order import order_key
from hub.domain.subjects.employer import Employer, actions, anomalies, contact_on
from hub.domain.subjects.fold import fold
from hub.projections.employer import MODELS
from tests.unit.pathway.builders import EMPLOYER
from tests.unit.subject_events import stated

CONTACT, ACTION = MODELS


def assigned(adviser: str, from_date: str, topic: str = "recruitment", **fields: Any) -> EmployerContactAssigned:
    return stated(EmployerContactAssigned, siret=EMPLOYER, topic=topic, adviser=adviser, from_date=from_date, **fields)


def held(*networks: str, **fields: Any) -> EmployerActionHeld:
    told = {"action_id": "A-1", "action": "duoday", "held_on": "2021-05-20", **fields}
    return stated(EmployerActionHeld, siret=EMPLOYER, networks=list(networks), **told)


def employer(*events: Event) -> Employer:
    state = fold("employer", sorted(events, key=order_key))
    assert isinstance(state, Employer)
    return state


@pytest.mark.parametrize(
    ("day", "adviser"),
    [("2020-12-31", None), ("2021-01-01", "A-1"), ("2021-05-31", "A-1"), ("2021-06-01", "A-2")],
)
def test_an_employer_has_one_contact_per_topic_at_any_date(day: str, adviser: str | None) -> None:
    state = employer(
        assigned("A-1", "2021-01-01"), assigned("A-2", "2021-06-01"), assigned("A-9", "2021-02-01", "retention")
    )

    contact = contact_on(state, "recruitment", date.fromisoformat(day))

    assert (contact and contact.adviser) == adviser


def test_a_contact_assigned_late_for_an_earlier_day_does_not_overwrite_the_next_one() -> None:
    state = employer(assigned("A-2", "2021-06-01"), assigned("A-1", "2021-01-01", at="2021-07-01"))

    periods = [(row[3], row[5], row[6]) for row in CONTACT.rows(state)]
    assert periods == [("A-1", date(2021, 1, 1), date(2021, 6, 1)), ("A-2", date(2021, 6, 1), None)]


def test_a_contacts_last_day_names_the_event_of_the_next_one() -> None:
    first, second = assigned("A-1", "2021-01-01"), assigned("A-2", "2021-06-01")

    events = [row[-2:] for row in CONTACT.rows(employer(first, second))]

    assert events == [(first.meta.event_id, f'{{"until_date":"{second.meta.event_id}"}}'), (second.meta.event_id, None)]


def test_two_contacts_for_one_topic_and_day_are_an_anomaly() -> None:
    first = assigned("A-1", "2021-01-01")

    state = employer(first, assigned("A-2", "2021-01-01"), assigned("A-3", "2021-01-01", "policy"))

    assert list(anomalies(state)) == [("two_contacts_same_day", "employer_contact:recruitment", first.meta.event_id)]


@pytest.mark.parametrize(
    ("reports", "networks"),
    [
        ([held("france_travail")], "france_travail"),
        ([held("cap_emploi", "france_travail")], "cap_emploi,france_travail"),
        ([held("france_travail"), held("cap_emploi", network="cap_emploi")], "cap_emploi,france_travail"),
    ],
)
def test_an_action_is_joint_when_its_reports_name_both_networks(reports: list[Event], networks: str) -> None:
    state = employer(*reports)

    (action,) = actions(state)
    assert action.is_joint is ("," in networks)
    assert [row[3] for row in ACTION.rows(state)] == [networks]


def test_an_action_that_the_networks_report_differently_is_an_anomaly_until_they_agree() -> None:
    ours = held("france_travail")
    theirs = held("cap_emploi", network="cap_emploi", held_on="2021-05-21")
    corrected = held("cap_emploi", network="cap_emploi")

    found = list(anomalies(employer(ours, theirs)))

    assert found == [("employer_action_differs", "employer_action:A-1", theirs.meta.event_id)]
    assert list(anomalies(employer(ours, theirs, corrected))) == []


def test_an_action_names_the_event_that_made_it_joint() -> None:
    joint = held("cap_emploi", "france_travail")
    alone = held("cap_emploi", network="cap_emploi")

    (row,) = ACTION.rows(employer(joint, alone))

    assert row[-2:] == (alone.meta.event_id, f'{{"networks":"{joint.meta.event_id}"}}')


def test_events_in_any_order_give_the_same_employer() -> None:
    events = [assigned("A-1", "2021-06-01"), assigned("A-2", "2021-01-01"), held("cap_emploi"), held("france_travail")]

    assert len({repr(employer(*order)) for order in permutations(events)}) == 1

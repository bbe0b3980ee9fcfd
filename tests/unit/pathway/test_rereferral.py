"""Re-referrals: detected, named and counted, and none where the networks work together (M1)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseRegistered, CaseUpdated
from hub.domain.events.delegation import (
    DelegationAccepted,
    DelegationCancelled,
    DelegationDeclined,
    DelegationEnded,
    DelegationProposed,
)
from hub.domain.events.diagnosis import CrossedDiagnosisConcluded, CrossedDiagnosisContributed, CrossedDiagnosisOpened
from hub.domain.events.expertise import ExpertiseDeclined, ExpertiseDelivered, ExpertiseRequested
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.leg import case_text
from hub.domain.pathway.rereferral import re_referrals
from hub.projections import rereferral as table
from tests.unit.pathway.builders import CE, FT, arriving, event, moment, pathway, ref, registered, voided

INTAKE = registered(FT, "2020-01-06", site="69001")
BEFORE, AT, AFTER = "2020-02-03", "2020-03-02", "2020-04-06"


def count(*between: Event, second: CaseRegistered | None = None) -> int:
    return len(re_referrals(pathway(INTAKE, *between, second or registered(CE, AT))))


def proposed(at: str) -> DelegationProposed:
    return event(DelegationProposed, at, delegation_id="D-1", ground="compensation")


def requested(at: str, case: CaseKey = FT) -> ExpertiseRequested:
    return event(ExpertiseRequested, at, case, request_id="E-1", topic="compensation")


def crossed(opened: str, concluded: str | None = None, lead: str = CAP_EMPLOI) -> list[Event]:
    advisers: dict[str, Any] = {"france_travail_adviser": "A-1", "cap_emploi_adviser": "A-2"}
    opening = event(CrossedDiagnosisOpened, opened, FT, crossed_diagnosis_id="X-1", **advisers)
    if concluded is None:
        return [opening]
    contributions = [
        event(CrossedDiagnosisContributed, opened, case, crossed_diagnosis_id="X-1", contribution="Avis")
        for case in (FT, CE)
    ]
    conclusion: dict[str, Any] = {"modality": "joint", "lead_network": lead, "reason": "autonomy"}
    return [
        opening,
        *contributions,
        event(CrossedDiagnosisConcluded, concluded, FT, crossed_diagnosis_id="X-1", **conclusion),
    ]


def test_an_intake_that_ignores_the_other_networks_open_leg_is_a_re_referral() -> None:
    second = registered(CE, AT, site="69002")

    (found,) = re_referrals(pathway(INTAKE, second))

    assert found.event_id == second.meta.event_id
    assert (found.from_network, found.to_network) == (Fact(FRANCE_TRAVAIL, INTAKE.meta.event_id), CAP_EMPLOI)
    assert (found.from_case.value, found.case) == (case_text(FT), case_text(CE))
    assert found.site == Fact("69002", second.meta.event_id)
    assert found.registered_at == moment(AT)


def test_it_works_in_both_directions() -> None:
    (found,) = re_referrals(pathway(registered(CE, BEFORE), registered(FT, AT)))

    assert (found.from_network.value, found.to_network) == (CAP_EMPLOI, FRANCE_TRAVAIL)


def test_without_a_site_of_its_own_it_counts_for_the_site_of_the_open_leg() -> None:
    (found,) = re_referrals(pathway(INTAKE, registered(CE, AT, site=None)))

    assert found.site == Fact("69001", INTAKE.meta.event_id)


def test_an_intake_that_names_the_other_networks_case_is_none() -> None:
    assert count(second=registered(CE, AT, other=FT)) == 0


def test_naming_the_case_later_does_not_undo_it() -> None:
    assert count(event(CaseUpdated, AFTER, CE, other_case=ref(FT))) == 1


def test_an_intake_after_the_other_leg_closed_is_none() -> None:
    assert count(event(CaseClosed, BEFORE, motive="moved")) == 0
    assert count(event(CaseClosed, AFTER, motive="moved")) == 1


def test_intakes_of_the_same_instant_are_none() -> None:
    assert count(second=registered(CE, "2020-01-06")) == 0


def test_two_organisations_of_one_network_do_not_re_refer_to_each_other() -> None:
    other = CaseKey(CAP_EMPLOI, "51234567900017", "7")

    assert re_referrals(pathway(registered(CE, BEFORE), registered(other, AT))) == []


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([proposed(BEFORE)], 0),
        ([proposed(AFTER)], 1),
        ([proposed(BEFORE), event(DelegationAccepted, BEFORE, delegation_id="D-1")], 0),
        ([event(DelegationAccepted, BEFORE, delegation_id="D-1")], 0),
        ([proposed(BEFORE), event(DelegationDeclined, BEFORE, delegation_id="D-1")], 1),
        ([proposed(BEFORE), event(DelegationDeclined, AFTER, delegation_id="D-1")], 0),
        ([proposed(BEFORE), event(DelegationEnded, BEFORE, delegation_id="D-1", motive="returned")], 1),
        ([proposed(BEFORE), event(DelegationCancelled, BEFORE, delegation_id="D-1", motive="error")], 1),
    ],
)
def test_a_delegation_explains_the_intake_while_it_is_open(events: list[Event], expected: int) -> None:
    assert count(*events) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([requested(BEFORE)], 0),
        ([requested(BEFORE, CE)], 0),
        ([requested(AFTER)], 1),
        ([requested(BEFORE), event(ExpertiseDelivered, BEFORE, CE, request_id="E-1", summary="Rendu")], 1),
        ([requested(BEFORE), event(ExpertiseDelivered, AFTER, CE, request_id="E-1", summary="Rendu")], 0),
        ([requested(BEFORE), event(ExpertiseDeclined, BEFORE, CE, request_id="E-1", motive="capacity")], 1),
    ],
)
def test_expertise_explains_the_intake_until_it_is_answered(events: list[Event], expected: int) -> None:
    assert count(*events) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (crossed(BEFORE), 0),
        (crossed(AFTER), 1),
        (crossed(BEFORE, AFTER), 0),
        (crossed(BEFORE, "2020-02-10"), 0),
        (crossed(BEFORE, "2020-02-10", lead=FRANCE_TRAVAIL), 1),
    ],
)
def test_a_crossed_diagnosis_explains_the_intake_while_open_or_decided_for_it(
    events: list[Event], expected: int
) -> None:
    assert count(*events) == expected


def test_a_voided_intake_is_none() -> None:
    second = registered(CE, AT)

    assert re_referrals(pathway(INTAKE, second, voided(second, case=CE))) == []


def test_re_referrals_do_not_depend_on_the_order_of_arrival() -> None:
    events = (INTAKE, registered(CE, AT), proposed(AFTER), event(CaseClosed, AFTER, motive="moved"))
    expected = list(table.rows(pathway(*events)))

    for order in permutations(events):
        assert list(table.rows(arriving([one] for one in order))) == expected


def test_a_row_names_the_events_of_the_leg_that_was_open() -> None:
    second = registered(CE, AT, site=None)

    (row,) = table.rows(pathway(INTAKE, second))

    by, opened = second.meta.event_id, INTAKE.meta.event_id
    assert row == (
        by,
        case_text(CE),
        CAP_EMPLOI,
        case_text(FT),
        FRANCE_TRAVAIL,
        "69001",
        moment(AT),
        by,
        f'{{"from_case_record":"{opened}","from_network":"{opened}","site":"{opened}"}}',
    )

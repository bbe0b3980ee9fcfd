"""Re-referrals (réorientations): a person sent to the other network's front door, to start again.

The defect that the hub exists to end (interview of 2020). A registration is one when the other network's leg is open,
the registration does not name the other network's case, and nothing between the networks explains it at that moment:
no delegation proposed or active, no expertise asked for and unanswered, no crossed diagnosis under way or concluded for
the network that registers.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from hub.domain.pathway.delegation import Delegation
from hub.domain.pathway.diagnosis import CrossedDiagnosis
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.leg import Leg, Period, Registration, case_text

if TYPE_CHECKING:
    from hub.domain.pathway.pathway import Pathway


class ReReferral(NamedTuple):
    """A registration that starts again what the other network was already doing.

    `event_id` is the registration's; `site` is its site, or else the site of the leg that was open.
    """

    event_id: str
    case: str
    from_case: Fact[str]
    from_network: Fact[str]
    to_network: str
    site: Fact[str] | None
    registered_at: datetime


def re_referrals(pathway: Pathway) -> list[ReReferral]:
    """Detect the re-referrals of a pathway, in order of time."""
    found = []
    for leg in pathway.legs.by_case.values():
        for registration in leg.registrations:
            other = _open_elsewhere(pathway, leg, registration)
            if other is not None and not _is_explained(pathway, leg, registration):
                found.append(_re_referral(leg, registration, *other))
    return sorted(found, key=lambda one: (one.registered_at, one.event_id))


def _open_elsewhere(pathway: Pathway, leg: Leg, registration: Registration) -> tuple[Leg, Period] | None:
    for other in pathway.legs.by_case.values():
        if other.case.network != leg.case.network:
            for period in other.periods:
                if period.covers(registration.at):
                    return other, period
    return None


def _is_explained(pathway: Pathway, leg: Leg, registration: Registration) -> bool:
    at = registration.at
    if registration.names is not None and registration.names.network != leg.case.network:
        return True
    return (
        any(_delegation_open(delegation, at) for delegation in pathway.delegations.by_id.values())
        or any(_within(at, request.requested_at, request.answered_at) for request in pathway.expertise.by_id.values())
        or any(_decided_together(crossed, leg.case.network, at) for crossed in pathway.diagnoses.crossed.values())
    )


def _delegation_open(delegation: Delegation, at: datetime) -> bool:
    start = delegation.proposed_at or delegation.accepted_at or delegation.reviewed_at
    return _within(at, start, delegation.stopped_at)


def _decided_together(crossed: CrossedDiagnosis, network: str, at: datetime) -> bool:
    if min(crossed.steps()) > at:
        return False
    concluded, conclusion = crossed.concluded_at, crossed.conclusion
    if concluded is None or conclusion is None or concluded.value > at:
        return True
    return conclusion.lead_network == network


def _within(at: datetime, start: Fact[datetime] | None, stop: Fact[datetime] | None) -> bool:
    return start is not None and start.value <= at and (stop is None or stop.value > at)


def _re_referral(leg: Leg, registration: Registration, other: Leg, period: Period) -> ReReferral:
    opened_by = period.opened_at.event_id if period.opened_at else other.first_event_id
    site = Fact(registration.site, registration.event_id) if registration.site else other.site
    return ReReferral(
        registration.event_id,
        case_text(leg.case),
        Fact(case_text(other.case), opened_by),
        Fact(other.case.network, opened_by),
        leg.case.network,
        site,
        registration.at,
    )

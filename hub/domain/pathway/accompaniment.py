"""Who accompanies the person, from when until when: what access is decided on.

An adviser accompanies as referent, by a delegation, by an expertise, by a diagnosis; while their network has left the
person they do not. Until someone answers a proposal or a request, it is addressed to the other network at its site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from hub.domain.access import TieGround
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, NETWORKS
from hub.domain.pathway.delegation import Delegation
from hub.domain.pathway.diagnosis import CrossedDiagnosis, Diagnosis
from hub.domain.pathway.expertise import ExpertiseRequest
from hub.domain.pathway.fact import Doing, Fact
from hub.domain.pathway.referent import Referents, of_role

if TYPE_CHECKING:
    from hub.domain.pathway.pathway import Pathway


class Accompaniment(NamedTuple):
    """One adviser's time with the person; `adviser` is None while only a site of the network is addressed.

    `event_id` made it, at `made_at`; `about` names the row that it comes from, as in `delegation:D-12`. Days are in
    UTC, both included.
    """

    event_id: str
    made_at: datetime
    capacity: TieGround
    network: str
    adviser: str | None
    site: Fact[str] | None
    about: str
    from_date: Fact[date]
    until_date: Fact[date] | None


class Absence(NamedTuple):
    """A time during which a network did not accompany the person: the pathway was left, or its case records closed."""

    left_at: Fact[datetime]
    back_at: Fact[datetime] | None


def accompaniments(pathway: Pathway) -> Iterator[Accompaniment]:
    """Give every time that an adviser accompanied the person."""
    found = list(_stated(pathway))
    if not found:
        return
    absences = {network: _absences(pathway, network) for network in NETWORKS}
    for one in found:
        yield from _while_there(one, absences[one.network])


def _stated(pathway: Pathway) -> Iterator[Accompaniment]:
    yield from _as_referent(pathway.referents)
    for delegation in pathway.delegations.by_id.values():
        yield from _by_delegation(delegation)
    for request in pathway.expertise.by_id.values():
        yield from _by_expertise(request)
    for version in pathway.diagnoses.versions:
        yield _by_diagnosis(version)
    for crossed in pathway.diagnoses.crossed.values():
        yield from _by_crossed_diagnosis(crossed)


def _as_referent(state: Referents) -> Iterator[Accompaniment]:
    for role in dict.fromkeys(assignment.role for assignment in state.assignments):
        for assignment, following in of_role(state, role):
            if following is not None and following.from_date == assignment.from_date:
                continue
            by = assignment.event_id
            yield Accompaniment(
                by,
                assignment.assigned_at,
                "referent",
                assignment.network,
                assignment.adviser,
                Fact(assignment.site, by) if assignment.site else None,
                f"referent:{by}",
                Fact(assignment.from_date, by),
                Fact(following.from_date, following.event_id) if following else None,
            )


def _by_delegation(delegation: Delegation) -> Iterator[Accompaniment]:
    about, site = f"delegation:{delegation.delegation_id}", delegation.site
    for adviser in delegation.advisers:
        yield _done("delegation", adviser, site, about, delegation.stopped_at)
    if delegation.proposed_at is not None:
        yield _addressed("delegation", CAP_EMPLOI, delegation.proposed_at, site, about, delegation.answered_at)


def _by_expertise(request: ExpertiseRequest) -> Iterator[Accompaniment]:
    about, site, answered_at = f"expertise:{request.request_id}", request.site, request.answered_at
    if request.requester is not None and request.requested_at is not None:
        yield _done("expertise", request.requester, site, about, answered_at)
        asked = CAP_EMPLOI if request.requester.network == FRANCE_TRAVAIL else FRANCE_TRAVAIL
        yield _addressed("expertise", asked, request.requested_at, site, about, answered_at)
    if request.expert is not None:
        yield _done("expertise", request.expert, site, about, request.delivered_at)


def _by_diagnosis(version: Diagnosis) -> Accompaniment:
    by = Doing(version.completed_at, version.network, version.adviser, version.site, version.event_id)
    completed_at = Fact(version.completed_at, version.event_id)
    return _done("diagnosis", by, None, f"diagnosis:{version.event_id}", completed_at)


def _by_crossed_diagnosis(crossed: CrossedDiagnosis) -> Iterator[Accompaniment]:
    about, opened_at = f"crossed_diagnosis:{crossed.crossed_diagnosis_id}", crossed.opened_at
    if opened_at is None:
        return
    named = ((FRANCE_TRAVAIL, crossed.france_travail_adviser), (CAP_EMPLOI, crossed.cap_emploi_adviser))
    for network, adviser in named:
        if adviser is not None:
            by = Doing(opened_at.value, network, adviser.value, None, opened_at.event_id)
            yield _done("diagnosis", by, crossed.site, about, crossed.concluded_at)


def _done(
    capacity: TieGround, by: Doing, site: Fact[str] | None, about: str, until: Fact[datetime] | None
) -> Accompaniment:
    own = Fact(by.site, by.event_id) if by.site else site
    start = Fact(by.at.date(), by.event_id)
    return Accompaniment(by.event_id, by.at, capacity, by.network, by.adviser, own, about, start, _day(until))


def _addressed(
    capacity: TieGround,
    network: str,
    asked_at: Fact[datetime],
    site: Fact[str] | None,
    about: str,
    until: Fact[datetime] | None,
) -> Accompaniment:
    by, start = asked_at.event_id, Fact(asked_at.value.date(), asked_at.event_id)
    return Accompaniment(by, asked_at.value, capacity, network, None, site, about, start, _day(until))


def _day(at: Fact[datetime] | None) -> Fact[date] | None:
    return None if at is None else Fact(at.value.date(), at.event_id)


def _absences(pathway: Pathway, network: str) -> list[Absence]:
    """Give the absences of a network in order; it is back with any of its case records, or with the pathway."""
    exits = [Absence(left.closed_at, left.reopened_at) for left in pathway.lifecycle.exits]
    periods = [period for leg in pathway.legs.by_case.values() if leg.case.network == network for period in leg.periods]
    opened = [period.opened_at for period in periods] + [absence.back_at for absence in exits]
    closings = []
    for period in periods:
        closed_at = period.closed_at
        if closed_at is not None and not any(other.covers(closed_at.value) for other in periods):
            later = (at for at in opened if at is not None and at.value > closed_at.value)
            closings.append(Absence(closed_at, min(later, default=None)))
    return sorted([*exits, *closings], key=lambda absence: absence.left_at)


def _while_there(one: Accompaniment, absences: Iterable[Absence]) -> Iterator[Accompaniment]:
    """Cut an accompaniment by the absences of its network that began after it was made.

    What was made during an absence holds: a network that names a referent accompanies again, whether it said so or not.
    """
    start, until = one.from_date, one.until_date
    for absence in absences:
        left = Fact(absence.left_at.value.date(), absence.left_at.event_id)
        if one.made_at > absence.left_at.value or (until is not None and until.value <= left.value):
            continue
        if start.value <= left.value:
            yield one._replace(from_date=start, until_date=left)
        if absence.back_at is None:
            return
        start = max(start, Fact(absence.back_at.value.date(), absence.back_at.event_id))
    if until is None or start.value <= until.value:
        yield one._replace(from_date=start, until_date=until)

"""Builders for the tests of identity: case records of both networks, their events, and people's decisions."""

from __future__ import annotations

import hmac
from datetime import UTC, date, datetime, timedelta

from hub.domain.events.base import CaseRef, Metadata
from hub.domain.events.case import CaseRegistered, CaseUpdated, Traits
from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.domain.identity.evidence import Evidence, gather, trait_key
from hub.domain.identity.resolve import Decision, Resolution, decision_of, resolve
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB, CaseKey

MONDAY = datetime(2021, 4, 5, 8, 0, tzinfo=UTC)
HUB_CASE = CaseKey(HUB, "", "")
ORGANISATION = "73282932000074"
CLAIRE = Traits(
    family_name="Durand",
    birth_name="Lefèvre",
    given_name="Claire",
    birth_date=date(1980, 5, 17),
    birth_place="69244",
)


def keyed_hash(text: bytes) -> bytes:
    return hmac.digest(b"a key for tests", text, "sha256")


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def ce(number: int) -> CaseKey:
    return CaseKey(CAP_EMPLOI, ORGANISATION, f"CE-{number}")


def meta(number: int, case: CaseKey, minutes: int | None = None) -> Metadata:
    at = MONDAY + timedelta(minutes=number if minutes is None else minutes)
    return Metadata(
        event_id=uuid(number),
        network=case.network,
        scope=case.scope,
        local_id=case.local_id,
        sequence=number,
        occurred_at=at,
        recorded_at=at,
        actor_id="A-1",
        organisation="ORG",
    )


def ref(case: CaseKey) -> CaseRef:
    return CaseRef(network=case.network, scope=case.scope, local_id=case.local_id)


def registered(
    number: int, case: CaseKey, traits: Traits | None = None, other: CaseKey | None = None
) -> CaseRegistered:
    return CaseRegistered(
        meta=meta(number, case),
        traits=Traits() if traits is None else traits,
        other_case=ref(other) if other else None,
        public="job_seeker",
    )


def updated(number: int, case: CaseKey, traits: Traits | None = None, other: CaseKey | None = None) -> CaseUpdated:
    return CaseUpdated(meta=meta(number, case), traits=traits, other_case=ref(other) if other else None)


def record(case: CaseKey, traits: Traits | None = None, other: CaseKey | None = None, number: int = 1) -> Evidence:
    """Give the evidence of a record that was registered once."""
    return gather(case, [registered(number, case, traits, other)])


def decided(kind: str, number: int, left: CaseKey, right: CaseKey) -> Decision:
    """Give a person's decision taken `number` minutes after Monday's opening."""
    about = {"left": ref(left), "right": ref(right)}
    at = meta(number, HUB_CASE)
    event: PairDecision
    if kind == "linked":
        event = RecordsLinked(meta=at, evidence="adviser_review", **about)
    elif kind == "unlinked":
        event = RecordsUnlinked(meta=at, reason="different_people", **about)
    else:
        event = MatchRejected(meta=at, **about)
    return decision_of(event)


def people(records: list[Evidence], *decisions: Decision) -> Resolution:
    """Resolve records by their real trait keys."""
    keys = {evidence.case: trait_key(evidence, keyed_hash) for evidence in records}
    return resolve(records, keys, decisions)


CASES = [ft(1), ft(2), ft(3), ce(1), ce(2), ce(3)]


def together(resolution: Resolution, *cases: CaseKey) -> bool:
    return any(set(cases) <= set(cluster) for cluster in resolution.clusters)

"""What a network is told of a person: the parts of an update, computed from the state of the pathway alone.

A network is told of a person while it has a case record of theirs, and of what is done for them only while one of its
case records is open: whoever closed all of them does not accompany the person. Reopened, it is told all again.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.domain.pathway import claim, diagnosis, ending, placement, plan, referent, title
from hub.domain.pathway.compensation import Need
from hub.domain.pathway.delegation import Delegation
from hub.domain.pathway.diagnosis import CrossedDiagnosis
from hub.domain.pathway.expertise import ExpertiseRequest
from hub.domain.pathway.fact import Fact, State
from hub.domain.pathway.leg import Leg
from hub.domain.pathway.lifecycle import INTAKE
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.placement import MergedPlacement
from hub.domain.pathway.plan import PlanVersion
from hub.domain.pathway.retention import Retention
from hub.domain.pathway.service import Service

Parts = dict[str, Any]
"""The fields of an update by name, but for its person, version, network and changes; always the same names."""

_LISTS = (
    "titles",
    "delegations",
    "expertise",
    "diagnoses",
    "crossed_diagnoses",
    "needs",
    "services",
    "placements",
    "retentions",
)
STATED = frozenset({*_LISTS, "referent", "plan"})
"""The parts that repeat what networks stated: of those, a network knows what it stated itself. The others follow from
what both said."""
KEPT_WHEN_SHORTENED = 50
_FREE_TEXTS = frozenset({"summary", "needs", "constraints", "contribution", "description", "risk"})


def other(network: str) -> str:
    """Give the other network."""
    return CAP_EMPLOI if network == FRANCE_TRAVAIL else FRANCE_TRAVAIL


def parts(state: Pathway, network: str) -> Parts | None:
    """Give what a network is told of a person, or None when it has no case record of theirs, or they were erased."""
    own = _legs(state, network)
    if not own or state.lifecycle.erased is not None:
        return None
    theirs = _legs(state, other(network))
    found: Parts = {
        "cases": [
            {"scope": leg.case.scope, "local_id": leg.case.local_id, "status": leg.status.value}
            for leg in sorted(own, key=lambda leg: leg.case)
        ],
        "other_network": _other_network(other(network), theirs) if theirs else None,
        "phase": told.value if (told := ending.phase(state)) else INTAKE,
        "referent": _referent(state),
        "plan": None,
        "contradictions": [],
        **{name: [] for name in _LISTS},
    }
    return found | _of_work(state) if any(leg.is_open for leg in own) else found


def shortened(found: Parts) -> Parts:
    """Leave out what makes an update too long for a record: free texts, and all but the latest entries of each list."""
    return {name: _short(value) for name, value in found.items()}


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(each) for each in value[-KEPT_WHEN_SHORTENED:]]
    if isinstance(value, dict):
        return {
            name: None if name in _FREE_TEXTS and isinstance(inner, str) else _short(inner)
            for name, inner in value.items()
        }
    return value


def _legs(state: Pathway, network: str) -> list[Leg]:
    return [leg for leg in state.legs.by_case.values() if leg.case.network == network]


def _other_network(network: str, legs: list[Leg]) -> Parts:
    opened = [leg for leg in legs if leg.is_open]
    sites = [leg.site.value for leg in opened or legs if leg.site is not None]
    return {"network": network, "status": "open" if opened else "closed", "site": sites[-1] if sites else None}


def _referent(state: Pathway) -> Parts | None:
    now = referent.current(state.referents)
    return None if now is None else {**_only(now, "network", "adviser", "site", "event_id"), "since": now.from_date}


def _of_work(state: Pathway) -> Parts:
    """Give the parts that tell what is done for the person."""
    diagnoses = state.diagnoses
    current = {version.network: version for version in diagnoses.versions}
    stands = plan.current(state.plans)
    return {
        "titles": [
            _only(each, "title", "valid_from", "valid_to", "network", "event_id") for each in title.latest(state.titles)
        ],
        "delegations": [_delegation(each) for each in state.delegations.by_id.values()],
        "expertise": [_expertise(each) for each in state.expertise.by_id.values()],
        "diagnoses": [_diagnosis(current[network]) for network in sorted(current)],
        "crossed_diagnoses": [_crossed(each) for each in diagnoses.crossed.values()],
        "needs": [_need(each) for each in state.needs.by_id.values()],
        "plan": _plan(stands) if stands else None,
        "services": [_service(each) for each in state.services.by_id.values()],
        "placements": [_placement(each) for each in placement.merged(state.placements)],
        "retentions": [_retention(each) for each in state.retentions.by_id.values()],
        "contradictions": [
            {
                "fact": each.fact,
                "claims": [
                    {"network": said.network, "value": said.value, "event_id": said.event_id} for said in each.claims
                ],
            }
            for each in claim.contradictions(state.claims)
        ],
    }


def _delegation(of: Delegation) -> Parts:
    stated = _facts(of, "ground", "proposed_at", "planned_end", "answer_motive", "review_outcome", "end_motive", "site")
    return {"delegation_id": of.delegation_id, **_status(of.status), **stated}


def _expertise(of: ExpertiseRequest) -> Parts:
    stated = _facts(
        of, "from_network", "topic", "key_moment", "ground", "requested_at", "answered_at", "due_on", "summary"
    )
    return {"request_id": of.request_id, **_status(of.status), **stated, **_facts(of, "decline_motive")}


def _diagnosis(of: diagnosis.Diagnosis) -> Parts:
    stated = _only(of, "network", "completed_at", "adviser", "site", "needs", "constraints", "event_id")
    return {**stated, "themes": list(of.themes)}


def _crossed(of: CrossedDiagnosis) -> Parts:
    concluded = of.conclusion
    return {
        "crossed_diagnosis_id": of.crossed_diagnosis_id,
        **_status(of.status),
        **_facts(of, "france_travail_adviser", "cap_emploi_adviser", "concluded_at"),
        "contributions": [
            {"network": network, **_only(of.contributions[network], "contributed_at", "contribution", "event_id")}
            for network in sorted(of.contributions)
        ],
        **(_only(concluded, "modality", "lead_network", "reason") if concluded else {}),
    }


def _need(of: Need) -> Parts:
    current = of.current
    return {
        "need_id": of.need_id,
        **_status(of.status),
        **(_only(current, "phase", "description") if current else {}),
        **_facts(of, "rome", "siret"),
        "measures": [_only(each, "measure", "funder", "implemented_at", "network", "event_id") for each in of.measures],
    }


def _plan(of: PlanVersion) -> Parts:
    return {
        **_only(of, "plan_version", "agreed_at", "network", "adviser", "event_id"),
        "actions": [asdict(each) for each in of.actions],
    }


def _service(of: Service) -> Parts:
    stated = _facts(of, "service", "prescribed_by", "prescribed_at", "starts_on", "ends_on", "ended_on")
    return {"service_id": of.service_id, **_status(of.status), **stated}


def _placement(of: MergedPlacement) -> Parts:
    latest, end = of.reports[-1], placement.ends_on(of.reports)
    return {
        "placement_id": of.placement_id,
        **_only(of, "siret", "starts_on"),
        "ends_on": end.value if end else None,
        **_only(latest, "contract", "rome", "event_id"),
        "reported_by": sorted({report.network for report in of.reports}),
        "follow_ups": [
            {"due_on": each.due_on, **_status(each.status), "state": each.record.state if each.record else None}
            for each in of.checkpoints
        ],
    }


def _retention(of: Retention) -> Parts:
    set_by = of.concluded_at or of.opened_at
    stated = _facts(of, "siret", "origin", "risk", "opened_at", "outcome", "concluded_at")
    return {"retention_id": of.retention_id, **stated, "event_id": set_by.event_id if set_by else None}


def _status(status: Fact[str]) -> Parts:
    return {"status": status.value, "event_id": status.event_id}


def _facts(of: State, *names: str) -> Parts:
    """Give the values of facts by name, None where nothing was stated."""
    found = ((name, getattr(of, name)) for name in names)
    return {name: fact.value if fact is not None else None for name, fact in found}


def _only(of: Any, *names: str) -> Parts:
    return {name: getattr(of, name) for name in names}

"""One French line per event for the timeline: codes in words, dates, ids of advisers, SIRET; nothing marked sensitive.

A line is stored in clear and shown in lists. Whatever is health or identity data, and every free text, is read from
the event itself, one step further, where that reading is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from hub.domain.codes import label
from hub.domain.events.base import Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB
from hub.projections import labels, nomenclature

Detail = Callable[[Any], str | None]


def timeline_label(event: Event) -> str:
    """Say in one French line what happened."""
    name, detail = _SAID[type(event).__name__, event.meta.network]
    text = detail(event) if detail is not None else None
    return f"{name} : {text}" if text else name


_TWO_DIGITS = tuple(f"{number:02}" for number in range(32))
"""Numbers as days and months write them: looking one up takes a third of formatting it."""


def _day(day: date | datetime) -> str:
    return f"{_TWO_DIGITS[day.day]}/{_TWO_DIGITS[day.month]}/{str(day.year).zfill(4)}"


def _code(code_list: str, field: str) -> Detail:
    """Say one code, when the event gives it."""

    def detail(event: Any) -> str | None:
        value = getattr(event, field)
        return None if value is None else label(code_list, value)

    return detail


def _period(start: date | None, end: date | None) -> str | None:
    if start is None:
        return None if end is None else f"jusqu'au {_day(end)}"
    return f"à partir du {_day(start)}" if end is None else f"du {_day(start)} au {_day(end)}"


def _joined(*parts: str | None) -> str | None:
    return ", ".join(part for part in parts if part) or None


def _network(code: str) -> str:
    return labels.NETWORKS.get(code, code)


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count < 2 else many}"


def _rome(rome: str | None) -> str | None:
    return None if rome is None else f"métier {nomenclature.occupation_and_code(rome)}"


def _need(event: Any) -> str | None:
    return _joined(
        label("need_phase", event.phase), _rome(event.rome), None if event.siret is None else f"SIRET {event.siret}"
    )


def _plan(event: Any) -> str:
    owners = [action.owner for action in event.actions]
    shares = [
        f"{_network(network)} {owners.count(network)}" for network in (FRANCE_TRAVAIL, CAP_EMPLOI) if network in owners
    ]
    by_owner = f" ({', '.join(shares)})" if shares else ""
    return f"version {event.plan_version}, {_plural(len(owners), 'action', 'actions')}{by_owner}"


def _proposal(event: Any) -> str | None:
    return _joined(None if event.ground is None else label("ground", event.ground), _period(None, event.planned_end))


def _request(event: Any) -> str | None:
    return _joined(
        label("expertise_topic", event.topic),
        None if event.key_moment is None else label("key_moment", event.key_moment),
        None if event.partner is None else "pour un partenaire",
    )


def _candidacy(event: Any) -> str:
    asked = event.requested_rome
    other = f", demandé : {nomenclature.occupation_and_code(asked)}" if asked is not None else ""
    return f"{_rome(event.rome)}{other}, SIRET {event.siret}"


def _answer(event: Any) -> str:
    result = label("candidacy_result", event.result)
    return result if event.relevance is None else f"{result}, pertinence {label('relevance', event.relevance)}"


def _follow_up(event: Any) -> str:
    count = len(event.due_on)
    first, last = min(event.due_on), max(event.due_on)
    return _plural(count, "point", "points") + (f" le {_day(first)}" if first == last else f", {_period(first, last)}")


def _abandoned(event: Any) -> str | None:
    return _joined(
        None if event.ended_on is None else f"le {_day(event.ended_on)}",
        None if event.motive is None else label("closing_motive", event.motive),
    )


def _set(event: Any) -> str:
    indicator, unit = label("indicator", event.indicator), label("unit", event.unit)
    return f"{indicator}, de {event.baseline} à {event.target} ({unit}) pour le {_day(event.due_on)}"


_BY_NETWORK: Mapping[tuple[str, str], str] = {
    ("CaseRegistered", FRANCE_TRAVAIL): "Inscription",
    ("CaseRegistered", CAP_EMPLOI): "Prise en charge",
    ("CaseClosed", FRANCE_TRAVAIL): "Cessation d'inscription",
    ("CaseClosed", CAP_EMPLOI): "Fin de prise en charge",
    ("CaseReopened", FRANCE_TRAVAIL): "Réinscription",
    ("CaseReopened", CAP_EMPLOI): "Reprise de la prise en charge",
}
"""Each network's own word for what it does to its case records."""

_DETAILS: Mapping[str, Detail] = {
    "CaseRegistered": _code("public", "public"),
    "CaseUpdated": _code("availability", "availability"),
    "CaseClosed": _code("closing_motive", "motive"),
    "CaseReopened": _code("reopening_trigger", "motive"),
    "RecordsLinked": _code("link_evidence", "evidence"),
    "RecordsUnlinked": _code("unlink_reason", "reason"),
    "DisabilityTitleRecorded": lambda event: _period(event.valid_from, _end(event.valid_to)),
    "DiagnosisCompleted": lambda event: ", ".join(label("theme", theme) for theme in event.themes),
    "CrossedDiagnosisOpened": lambda event: (
        f"conseillers {event.france_travail_adviser} (France Travail) et {event.cap_emploi_adviser} (Cap emploi)"
    ),
    "CrossedDiagnosisContributed": lambda event: _network(event.meta.network),
    "CrossedDiagnosisConcluded": lambda event: (
        f"{label('modality', event.modality)}, pilote {_network(event.lead_network)}, "
        f"{label('lead_reason', event.reason)}"
    ),
    "CompensationNeedIdentified": _need,
    "CompensationNeedRefined": _need,
    "CompensationMeasureImplemented": lambda event: _joined(
        label("measure", event.measure),
        None if event.funder is None else f"financement {label('funder', event.funder)}",
        None if event.closes_need else "besoin toujours ouvert",
    ),
    "ReferentAssigned": lambda event: (
        f"{label('referent_role', event.role)}, conseiller {event.adviser}, {_period(event.from_date, None)}"
    ),
    "DelegationProposed": _proposal,
    "DelegationAccepted": _code("delegation_motive", "motive"),
    "DelegationDeclined": _code("delegation_motive", "motive"),
    "DelegationReviewed": lambda event: _joined(
        label("review_outcome", event.outcome), _period(None, event.planned_end)
    ),
    "DelegationEnded": _code("delegation_motive", "motive"),
    "DelegationCancelled": _code("delegation_motive", "motive"),
    "ExpertiseRequested": _request,
    "ExpertiseDeclined": _code("delegation_motive", "motive"),
    "ActionPlanAgreed": _plan,
    "ServicePrescribed": lambda event: _joined(
        label("service", event.service), _period(event.starts_on, event.ends_on)
    ),
    "ServiceCompleted": lambda event: None if event.ended_on is None else f"le {_day(event.ended_on)}",
    "ServiceAbandoned": _abandoned,
    "AppointmentRecorded": lambda event: (
        f"{_day(event.starts_at)}, {label('appointment_status', event.status)}, "
        f"{label('appointment_mode', event.mode)}, {label('place', event.place)}"
    ),
    "CandidacyProposed": _candidacy,
    "CandidacyAnswered": _answer,
    "Placed": lambda event: (
        f"{label('contract', event.contract)}, SIRET {event.siret}, {_period(event.starts_on, event.ends_on)}"
    ),
    "FollowUpStarted": _follow_up,
    "FollowUpRecorded": lambda event: f"échéance du {_day(event.due_on)}",
    "RetentionOpened": lambda event: f"origine {label('retention_origin', event.origin)}, SIRET {event.siret}",
    "WorkplaceAdapted": lambda event: f"le {_day(event.adapted_on)}",
    "RetentionConcluded": _code("retention_outcome", "outcome"),
    "TransitionStarted": lambda event: _rome(event.project_rome),
    "CepOpened": lambda event: f"{label('cep_level', event.level)}, {label('public', event.public)}",
    "CepConcluded": lambda event: _rome(event.project_rome),
    "PathwayClosed": _code("pathway_motive", "motive"),
    "PathwayReopened": _code("reopening_trigger", "trigger"),
    "EmployerContactAssigned": lambda event: (
        f"{label('employer_topic', event.topic)}, conseiller {event.adviser}, {_period(event.from_date, None)}"
    ),
    "EmployerActionHeld": lambda event: (
        f"{label('employer_action', event.action)}, le {_day(event.held_on)}, "
        f"{' et '.join(_network(network) for network in dict.fromkeys(event.networks))}"
    ),
    "SiteModeChanged": lambda event: (
        f"{label('site_mode', event.mode)}, {label('date_kind', event.date_kind)} le {_day(event.from_date)}, "
        f"{label('wave', event.wave)}"
    ),
    "TerritorialDiagnosisPublished": lambda event: (
        f"département {event.territory}, version {event.diagnosis_version}, "
        f"{_plural(len(event.figures), 'chiffre', 'chiffres')}"
    ),
    "RoadmapTargetSet": _set,
    "ContradictionSettled": lambda event: (
        f"{labels.fact(event.fact)}, valeur de {_network(event.kept_network)} retenue"
    ),
    "EventVoided": _code("void_reason", "reason"),
    "PersonErased": _code("erasure_reason", "reason"),
}

_SAID: Mapping[tuple[str, str], tuple[str, Detail | None]] = {
    (kind, network): (_BY_NETWORK.get((kind, network), name), _DETAILS.get(kind))
    for kind, name in labels.EVENTS.items()
    for network in (FRANCE_TRAVAIL, CAP_EMPLOI, HUB)
}
"""What each event is called by who states it, and what more is said of it: one look-up for every event."""


def _end(valid_to: date | None) -> date | None:
    """Take the networks' way of writing "without end" for what it says."""
    return None if valid_to is None or valid_to.year == 9999 else valid_to

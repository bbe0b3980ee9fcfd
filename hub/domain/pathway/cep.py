"""Conseil en évolution professionnelle (CEP): of job seekers and of employees, with its assessment of risk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from hub.domain.events.cep import CepConcluded, CepOpened
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = CepOpened | CepConcluded

OPEN_TO_EMPLOYEES = datetime(2017, 12, 31, 23, tzinfo=UTC)
"""1 January 2018 in Paris, the day from which Cap emploi delivers CEP to employees (interview of 2018)."""


class Cep(State, frozen=True):
    """What both events of one CEP say together, whichever came first."""

    cep_id: str
    opened_at: Fact[datetime] | None = None
    site: Fact[str] | None = None
    level: Fact[str] | None = None
    public: Fact[str] | None = None
    concluded_at: Fact[datetime] | None = None
    project: Fact[str] | None = None
    project_rome: Fact[str] | None = None
    risk: Fact[str] | None = None

    @property
    def is_risk_assessed(self) -> bool:
        """An assessment was given and says something."""
        return self.risk is not None and self.risk.value != "unknown"


class Ceps(State, frozen=True):
    """The CEPs of a person by id."""

    by_id: dict[str, Cep] = {}


def evolve(state: Ceps, event: Handled) -> Ceps:
    """Take one more event into account."""
    cep = state.by_id.get(event.cep_id) or Cep(event.cep_id)
    return Ceps({**state.by_id, event.cep_id: _step(cep, event)})


def _step(cep: Cep, event: Handled) -> Cep:
    event_id = event.meta.event_id
    at = Fact(event.meta.occurred_at, event_id)
    match event:
        case CepOpened():
            return replace(
                cep,
                opened_at=at,
                site=Fact(event.meta.site, event_id) if event.meta.site else None,
                level=Fact(event.level, event_id),
                public=Fact(event.public, event_id),
            )
        case CepConcluded():
            return replace(
                cep,
                concluded_at=at,
                project=Fact(event.project, event_id) if event.project else None,
                project_rome=Fact(event.project_rome, event_id) if event.project_rome else None,
                risk=Fact(event.risk, event_id) if event.risk else None,
            )


def anomalies(state: Ceps) -> Iterator[Anomaly]:
    """Name what does not fit in these CEPs."""
    for cep in state.by_id.values():
        about = f"cep:{cep.cep_id}"
        if cep.opened_at and cep.public and cep.public.value == "employee" and cep.opened_at.value < OPEN_TO_EMPLOYEES:
            yield Anomaly("cep_of_employee_before_2018", about, cep.opened_at.event_id)
        if cep.concluded_at is None:
            continue
        if cep.opened_at is None:
            yield Anomaly("cep_concluded_without_opening", about, cep.concluded_at.event_id)
        if not cep.is_risk_assessed:
            yield Anomaly("cep_without_risk_assessment", about, cep.concluded_at.event_id)

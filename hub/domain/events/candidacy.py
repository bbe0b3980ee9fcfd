"""Candidacies proposed to employers."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import CaseEvent, Code, CodeList
from hub.domain.ids import Reference, Rome, Siret


class CandidacyProposed(CaseEvent):
    """Mise en relation for an occupation; `requested_rome` is the one that the employer asked for."""

    candidacy_id: Reference
    siret: Siret
    rome: Rome
    requested_rome: Rome | None = None


class CandidacyAnswered(CaseEvent):
    """Résultat de la mise en relation."""

    candidacy_id: Reference
    result: Annotated[Code, CodeList("candidacy_result")]
    relevance: Annotated[Code | None, CodeList("relevance")] = None

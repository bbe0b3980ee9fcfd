"""Delegation of accompaniment from France Travail to Cap emploi."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from hub.domain.events.base import CaseEvent, Code, CodeList
from hub.domain.ids import Reference


class DelegationProposed(CaseEvent):
    """Délégation proposée, with its ground; one open per person."""

    emitters = ("france_travail",)
    delegation_id: Reference
    ground: Annotated[Code | None, CodeList("ground")] = None
    planned_end: date | None = None


class DelegationAccepted(CaseEvent):
    """Délégation acceptée."""

    emitters = ("cap_emploi",)
    delegation_id: Reference
    motive: Annotated[Code | None, CodeList("delegation_motive")] = None


class DelegationDeclined(CaseEvent):
    """Délégation refusée, with the motive."""

    emitters = ("cap_emploi",)
    delegation_id: Reference
    motive: Annotated[Code | None, CodeList("delegation_motive")] = None


class DelegationReviewed(CaseEvent):
    """Point d'étape of an active delegation."""

    delegation_id: Reference
    outcome: Annotated[Code, CodeList("review_outcome")]
    planned_end: date | None = None


class DelegationEnded(CaseEvent):
    """Fin of an active delegation."""

    delegation_id: Reference
    motive: Annotated[Code, CodeList("delegation_motive")]


class DelegationCancelled(CaseEvent):
    """Annulation of a proposal not yet answered."""

    delegation_id: Reference
    motive: Annotated[Code, CodeList("delegation_motive")]

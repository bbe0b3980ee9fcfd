"""Titles of the bénéficiaires de l'obligation d'emploi (BOE); RQTH is one of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList


class DisabilityTitleRecorded(CaseEvent):
    """Titre BOE: an entitlement over time. `valid_to` 9999-12-31 or absent means without end."""

    title: Annotated[Code, CodeList("title"), SENSITIVE]
    valid_from: date
    valid_to: date | None = None

"""The referent: one adviser per person at any date."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from hub.domain.events.base import CaseEvent, Code, CodeList
from hub.domain.ids import Reference


class ReferentAssigned(CaseEvent):
    """Référent: from that day this adviser of the emitting network; ends the previous one."""

    adviser: Reference
    role: Annotated[Code, CodeList("referent_role")]
    from_date: date

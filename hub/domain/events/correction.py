"""Corrections: a contradiction settled by a person, and an event voided by its emitter."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from hub.domain.events.base import SENSITIVE, CaseEvent, CaseRef, Code, CodeList, Decision, Network
from hub.domain.ids import EventId, LongText, Subject, case_subject


class ContradictionSettled(Decision):
    """Arbitrage: for this fact, the claim of `kept_network` stands until either network claims something new."""

    case: CaseRef
    fact: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    kept_network: Network
    reason: Annotated[LongText, SENSITIVE]

    @property
    def subject(self) -> Subject:
        """The case record named."""
        return case_subject(self.case.key)


class EventVoided(CaseEvent):
    """Annulation d'événement: as if it had not been, from then on; it stays in the history."""

    voided_event_id: EventId
    reason: Annotated[Code, CodeList("void_reason")]

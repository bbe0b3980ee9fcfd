"""Employers: their single contact, and the joint actions toward them. No person is named."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from hub.domain.events.base import Code, CodeList, Network, NoCaseEvent
from hub.domain.ids import Reference, Siret, Subject


class EmployerEvent(NoCaseEvent):
    """A fact about an establishment."""

    siret: Siret

    @property
    def subject(self) -> Subject:
        """The establishment."""
        return Subject("employer", "", "", self.siret)


class EmployerContactAssigned(EmployerEvent):
    """Interlocuteur unique: one active contact per employer and topic, from that day."""

    topic: Annotated[Code, CodeList("employer_topic")]
    adviser: Reference
    from_date: date


class EmployerActionHeld(EmployerEvent):
    """Action commune envers un employeur."""

    action_id: Reference
    action: Annotated[Code, CodeList("employer_action")]
    networks: Annotated[list[Network], Field(min_length=1, max_length=2)]
    held_on: date

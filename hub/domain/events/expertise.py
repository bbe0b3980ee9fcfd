"""Expertise asked for and given without delegation: the referent does not change."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList, Text
from hub.domain.ids import LongText, Reference


class ExpertiseRequested(CaseEvent):
    """Demande d'appui to the other network; `partner` names the outside partner on whose behalf it is made."""

    request_id: Reference
    topic: Annotated[Code, CodeList("expertise_topic")]
    key_moment: Annotated[Code | None, CodeList("key_moment")] = None
    ground: Annotated[Code | None, CodeList("ground")] = None
    partner: Text | None = None


class ExpertiseDelivered(CaseEvent):
    """Appui rendu."""

    request_id: Reference
    summary: Annotated[LongText, SENSITIVE]


class ExpertiseDeclined(CaseEvent):
    """Appui refusé."""

    request_id: Reference
    motive: Annotated[Code, CodeList("delegation_motive")]

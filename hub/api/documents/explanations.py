"""Documents of why a fact is as it is, and of events as they were recorded."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from hub.api.documents.pathways import ABOUT, About, Document, examples
from hub.api.documents.rows import EVENT_ID

_MOMENT = "2021-04-01T09:30:00Z"
_RECORDED = {
    "content": {
        "type": "DelegationProposed",
        "meta": {
            "event_id": EVENT_ID,
            "network": "france_travail",
            "scope": "",
            "local_id": "[hidden]",
            "sequence": 1,
            "occurred_at": _MOMENT,
            "recorded_at": _MOMENT,
            "actor_id": "A-1",
            "organisation": "france_travail",
            "site": "69244",
        },
        "delegation_id": "D-12",
        "ground": "compensation",
    },
    "accepted_at": _MOMENT,
    "position": 1042,
    "schema_id": 7,
    "topic": "france-travail.case-events.v1",
    "partition": 0,
    "offset": 311,
}


class NamedValue(Document):
    """A fact by its name, as in `phase` or `delegation:D-12.status`, and its value."""

    model_config = examples({"fact": "delegation:D-12.status", "value": "active"})

    fact: str
    value: Any


class Facts(About):
    """Every fact that can be explained."""

    model_config = examples({**ABOUT, "items": [{"fact": "delegation:D-12.status", "value": "active"}]})

    items: list[NamedValue]


class ExplanationRequest(Document):
    """Which fact to explain: a name that `facts` gives, or an event's id."""

    model_config = examples({"fact": "delegation:D-12.status"})

    fact: str = Field(min_length=1, max_length=400)


class Recorded(Document):
    """An event as it was published, and where it stands in the ledger and in the log."""

    model_config = examples(_RECORDED)

    content: dict[str, Any] = Field(description="What the reader may not see is `[hidden]`.")
    accepted_at: AwareDatetime
    position: int
    schema_id: int
    topic: str
    partition: int
    offset: int


class Explanation(About):
    """Why a fact is as it is: its value, the event that set it, and the rule that chose it."""

    model_config = examples(
        {
            **ABOUT,
            "fact": "delegation:D-12.status",
            "model": "delegation",
            "column": "status",
            "value": "active",
            "set_by": {"status": EVENT_ID},
            "rule": "L'état est l'étape la plus avancée qui est connue.",
            "event": _RECORDED,
        }
    )

    fact: str
    model: str
    column: str | None = Field(description="Null for a whole row.")
    value: Any
    set_by: dict[str, str] = Field(description="The event that set each column.")
    rule: str = Field(description="In French: advisers read it.")
    event: Recorded | None = Field(description="Null where the event that proposes a link is about someone else.")


class EventOfPerson(About):
    """One event about the person, and what it set that still stands."""

    model_config = examples(
        {
            **ABOUT,
            "event": _RECORDED,
            "voided_by": None,
            "sets": [{"fact": "delegation:D-12.status", "value": "active"}],
        }
    )

    event: Recorded
    voided_by: str | None = Field(description="The event that voids it.")
    sets: list[NamedValue]

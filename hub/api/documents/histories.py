"""Documents of a person's history: each event with what it changed."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from hub.api.documents.pathways import ABOUT, About, Document, examples
from hub.api.documents.rows import EVENT_ID

_MOMENT = "2021-04-01T09:30:00Z"
_COLUMN = {"column": "status", "before": "proposed", "after": "active"}
_ROW = {"model": "delegation", "fact": "delegation:D-12", "kind": "changed", "columns": [_COLUMN]}
_ALERT = {"kind": "alert", "rule": "delegation_awaits_answer", "about": "delegation:D-12", "due_on": "2021-04-15"}
_REFERENT = {"network": "france_travail", "adviser": "A-1", "site": "69244"}
_STEP = {
    "number": 7,
    "event_id": EVENT_ID,
    "event_type": "DelegationAccepted",
    "label": "Délégation acceptée",
    "network": "cap_emploi",
    "actor_id": "C-1",
    "organisation": "44022013500014",
    "site": "69244",
    "occurred_at": _MOMENT,
    "recorded_at": _MOMENT,
    "accepted_at": _MOMENT,
    "position": 1042,
    "voided_by": None,
    "changes": [_ROW],
    "raised": [],
    "cleared": [_ALERT],
    "hides": False,
    "phase": "accompaniment",
    "referent": _REFERENT,
}


class ColumnChanged(Document):
    """A column's value before and after the event; null where it said nothing."""

    model_config = examples(_COLUMN)

    column: str
    before: Any
    after: Any


class RowChanged(Document):
    """A row that the event brought, changed or took away; changed in no column, it says the same again."""

    model_config = examples(_ROW)

    model: str
    fact: str = Field(description="The row's name, as `facts` names it; empty for the pathway's own row.")
    kind: Literal["added", "changed", "removed"]
    columns: list[ColumnChanged]


class AlertThen(Document):
    """What did not fit, or was expected by a day."""

    model_config = examples(_ALERT)

    kind: str
    rule: str
    about: str
    due_on: date | None


class ReferentThen(Document):
    """The referent named last by then, who may lead from a later day on."""

    model_config = examples(_REFERENT)

    network: str | None
    adviser: str
    site: str | None


class HistoryStep(Document):
    """An event, what it changed, and how the pathway stood after it."""

    model_config = examples(_STEP)

    number: int = Field(description="Its place in this order, counted from 1.")
    event_id: str
    event_type: str
    label: str = Field(description="In French: people read it.")
    network: str
    actor_id: str
    organisation: str
    site: str | None
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime = Field(description="When the network's own system recorded it.")
    accepted_at: AwareDatetime = Field(description="When the hub took it in.")
    position: int = Field(description="Its place in the ledger.")
    voided_by: str | None = Field(description="The event that voids it.")
    changes: list[RowChanged] = Field(description="Of all read models but `alert`.")
    raised: list[AlertThen]
    cleared: list[AlertThen]
    hides: bool = Field(description="Whether it also changed what the reader is not shown.")
    phase: str | None
    referent: ReferentThen | None


class History(About):
    """A page of a person's history in one order."""

    model_config = examples({**ABOUT, "order": "effect", "total": 31, "items": [_STEP], "next": None})

    order: Literal["effect", "acceptance"]
    total: int = Field(description="How many steps there are.")
    items: list[HistoryStep]
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")

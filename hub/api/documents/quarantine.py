"""Documents of the quarantine: what broke the contract, and mending it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.api.documents.forms import Note
from hub.codec.outline import Form
from hub.consumers.mending import Result

State = Literal["held", "redriven", "discarded"]
Reason = Literal[
    "undecodable",
    "unknown_schema",
    "invalid_event",
    "forbidden_network",
    "content_conflict",
    "record_too_large",
]
_ENTRY: dict[str, Any] = {
    "entry_id": 7,
    "topic": "france-travail.case-events.v1",
    "partition": 2,
    "offset": 1841,
    "reason": "unknown_schema",
    "detail": "the registry holds no schema 71; expected the id of a released version (`hub schemas list`)",
    "received_at": "2021-04-01T09:30:00Z",
    "state": "held",
    "decided_at": None,
    "decided_by": None,
    "note": None,
}


class Document(BaseModel):
    """An answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class HeldRecord(Document):
    """A record that broke the contract, without its bytes."""

    entry_id: int
    topic: str
    partition: int
    offset: int
    reason: str = Field(description="A stable code: why it was not taken.")
    detail: str = Field(description="What was wrong, without a personal value.")
    received_at: AwareDatetime
    state: State
    decided_at: AwareDatetime | None
    decided_by: str | None
    note: str | None


class HeldRecords(Document):
    """A page of the quarantine, by entry id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"items": [_ENTRY], "next": None}]})

    items: list[HeldRecord]
    next: str | None = Field(description="The cursor of the next page, null on the last one.")


class DecisionTaken(Document):
    """What somebody decided about an entry."""

    state: State
    decided_at: AwareDatetime
    decided_by: str
    note: str


class HeaderOutline(Document):
    """A header of the record: its name where the hub knows it, and how long its value is."""

    name: str | None
    bytes: int


class FieldOutline(Document):
    """A field by its path, and what kind of value stands there."""

    path: str
    form: Form


class RecordOutline(Document):
    """How the record is made; no value of it, but for what names no person and is as it should be."""

    value_bytes: int | None
    key_bytes: int | None
    headers: list[HeaderOutline]
    schema_id: int | None = Field(description="The id in its frame; null where it has no frame.")
    event_type: str | None = Field(description="Null where it cannot be decoded.")
    event_id: str | None
    network: str | None
    recorded_at: AwareDatetime | None
    fields: list[FieldOutline]


class HeldRecordOpened(Document):
    """An entry with its history, and how its record is made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "entry": _ENTRY,
                    "decisions": [],
                    "record": {
                        "value_bytes": 212,
                        "key_bytes": 32,
                        "headers": [{"name": "ce_type", "bytes": 32}],
                        "schema_id": 71,
                        "event_type": None,
                        "event_id": None,
                        "network": None,
                        "recorded_at": None,
                        "fields": [],
                    },
                }
            ]
        },
    )

    entry: HeldRecord
    decisions: list[DecisionTaken] = Field(description="Oldest first.")
    record: RecordOutline | None = Field(description="Null once the bytes were destroyed, 90 days after a decision.")


class Redrive(BaseModel):
    """Why a record is sent through the gate again."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "The hub was upgraded to the new schema."}]}
    )

    note: Note = Field(description="What was mended; it is kept, so say nothing about a person.")


class Redriven(Document):
    """What became of a record that was sent through the gate again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"entry_id": 7, "result": "accepted", "reason": None, "detail": None}]},
    )

    entry_id: int
    result: Result = Field(
        description="`accepted`: it is in the ledger. `duplicate`: the ledger had its event. `still_held`: it breaks "
        "the contract still, for `reason`. `busy`: others changed the same just now, try again."
    )
    reason: str | None
    detail: str | None

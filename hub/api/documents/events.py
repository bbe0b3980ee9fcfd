"""What publishing takes and answers."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from hub.api.documents.event_schemas import BATCH, EVENT, REF
from hub.api.problems import Problem
from hub.api.submitted import AVRO, AVRO_BATCH, JSON, NDJSON

DESCRIPTION = """\
Puts events of the client's network on the log: one, or a batch of up to 1,000.

- **202 means durable**: the log has acknowledged every event. A worker takes it in shortly after.
- **Idempotent by `event_id`**; no other key is needed. Whatever answer was lost, send the same again: an event with the
  same id and content is a `duplicate`. An id stands for one content for ever, from its first submission on, even if
  that was answered by 429: a changed fact needs a new id (`conflict`, 409).
- **A batch is published in its order.** What is refused holds up nothing else: each item has a result of its own, in
  the order sent, and the status is 207 where any was refused. Send again what was refused once it is mended.
- **429 and 503** answer for the whole request: nothing in it counts as published, though some of it may have landed.
  Wait `Retry-After` seconds and send all of it again.
- Only events whose `meta.network` is the client's, people's decisions included.
- A `traceparent` header goes along with the events.
"""
ACCEPTED = "Every event is durable on the log: new, or there already. One event has its result, a batch one for each."
MIXED = "Some events of the batch were refused; the others are durable on the log."

_EVENT_ID = "01890a5d-0000-7000-8000-000000000001"
_META = {
    "event_id": _EVENT_ID,
    "network": "france_travail",
    "local_id": "00123456789",
    "sequence": 1,
    "occurred_at": "2021-01-11T09:00:00+01:00",
    "recorded_at": "2021-01-11T09:05:00+01:00",
    "actor_id": "A-17",
    "organisation": "ft-69",
    "site": "69123",
}
_REGISTERED = {
    "type": "CaseRegistered",
    "meta": _META,
    "traits": {
        "family_name": "Lefèvre",
        "given_name": "Zoé",
        "birth_date": "1980-05-17",
        "birth_place": "69381",
    },
    "public": "job_seeker",
}
_PROPOSED = {
    "type": "DelegationProposed",
    "meta": {**_META, "event_id": "01890a5d-0000-7000-8000-000000000002", "sequence": 2},
    "delegation_id": "D-88",
    "ground": "compensation",
    "planned_end": "2022-02-14",
}
_TOPIC = "france-travail.case-events.v1"
_TAKEN: JsonDict = {"status": "accepted", "event_id": _EVENT_ID, "topic": _TOPIC, "partition": 2, "offset": 41}
_PROBLEM: JsonDict = {
    "type": "urn:parcours-hub:problem:invalid_event",
    "title": "Invalid event",
    "status": 422,
    "detail": "DelegationProposed is invalid: planned_end: not a day; expected ISO 8601, as in 2021-01-04",
    "errors": [{"detail": "not a day; expected ISO 8601, as in 2021-01-04", "pointer": "/planned_end"}],
}
_REFUSED: JsonDict = {"status": "invalid", "event_id": "01890a5d-0000-7000-8000-000000000002", "problem": _PROBLEM}

_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


class Published(BaseModel):
    """An event that is durable: where it stands on the log, since its first submission."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TAKEN]})

    status: Literal["accepted", "duplicate"] = Field(
        description="`duplicate`: the same event was submitted before, or is in the ledger."
    )
    event_id: _Id
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)


class NotPublished(BaseModel):
    """An event of a batch that was refused, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REFUSED]})

    status: Literal["invalid", "conflict", "forbidden"]
    event_id: _Id | None = Field(description="null where none can be read.")
    problem: Problem = Field(description="`errors` names the fields at fault, by JSON pointers into the event.")


class Results(BaseModel):
    """What became of a batch: how many events of each kind, and each one's result in the order sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"accepted": 1, "duplicates": 0, "refused": 1, "results": [_TAKEN, _REFUSED]}],
        }
    )

    accepted: int = Field(ge=0)
    duplicates: int = Field(ge=0)
    refused: int = Field(ge=0)
    results: list[Annotated[Published | NotPublished, Field(discriminator="status")]]


def _request() -> dict[str, Any]:
    return {
        "required": True,
        "content": {
            JSON: {
                "schema": {"oneOf": [{"$ref": f"{REF}{EVENT}"}, {"$ref": f"{REF}{BATCH}"}]},
                "examples": {
                    "one": {"summary": "One event", "value": _REGISTERED},
                    "batch": {"summary": "A batch", "value": {"events": [_REGISTERED, _PROPOSED]}},
                },
            },
            NDJSON: {
                "schema": {"type": "string", "description": "A batch: one event's JSON form a line."},
                "example": "".join(f"{json.dumps(event)}\n" for event in (_REGISTERED, _PROPOSED)),
            },
            AVRO: {
                "schema": {
                    "contentMediaType": AVRO,
                    "description": "One event as on the topic: a zero byte, the schema's id in 4 bytes, the Avro body.",
                }
            },
            AVRO_BATCH: {
                "schema": {
                    "contentMediaType": AVRO_BATCH,
                    "description": "A batch of such records, each after its length in 4 bytes, big-endian.",
                }
            },
        },
    }


REQUEST = _request()

"""What the tests of publishing over HTTP share: clients of both networks, bodies, and what came of them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import count
from typing import Any

import httpx2
import msgspec

from hub.api.submitted import AVRO, AVRO_BATCH, JSON, NDJSON
from hub.codec.jsonform import to_json
from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from tests.unit.pathway.builders import event

PATH = "/api/v1/events"
OF_FT = Reader("ft-system", frozenset({"publisher"}), network=FRANCE_TRAVAIL, is_system=True)
OF_CE = Reader("ce-system", frozenset({"publisher"}), network=CAP_EMPLOI, is_system=True)
_ids = count(1)


def an_id() -> str:
    return f"01890a5d-0000-7000-8000-{next(_ids):012d}"


def closed(motive: str = "employment", *, event_id: str | None = None, **more: Any) -> CaseClosed:
    """Give an event with an id of its own, or with this one."""
    return event(CaseClosed, event_id=event_id or an_id(), motive=motive, **more)


def post(client: httpx2.Client, body: bytes, media_type: str = JSON, **headers: str) -> httpx2.Response:
    return client.post(PATH, content=body, headers={"Content-Type": media_type, **headers})


def publish(client: httpx2.Client, *events: Event | dict[str, Any], **headers: str) -> httpx2.Response:
    """Publish one event, or a batch of several."""
    forms = [to_json(each) if isinstance(each, Event) else each for each in events]
    return post(client, msgspec.json.encode(forms[0] if len(forms) == 1 else {"events": forms}), **headers)


def publish_batch(client: httpx2.Client, events: Iterable[object]) -> httpx2.Response:
    forms = [to_json(each) if isinstance(each, Event) else each for each in events]
    return post(client, msgspec.json.encode({"events": forms}))


def publish_lines(client: httpx2.Client, *lines: bytes) -> httpx2.Response:
    return post(client, b"\n".join(lines), NDJSON)


def publish_record(client: httpx2.Client, record: bytes) -> httpx2.Response:
    return post(client, record, AVRO)


def publish_records(client: httpx2.Client, *records: bytes) -> httpx2.Response:
    return post(client, b"".join(struct.pack(">I", len(record)) + record for record in records), AVRO_BATCH)


def statuses(answer: httpx2.Response) -> list[str]:
    return [result["status"] for result in answer.json()["results"]]


def code_of(answer: httpx2.Response) -> str:
    """Give the kind of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["type"]).rpartition(":")[2]

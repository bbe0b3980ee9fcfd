"""Records written by fastavro of numbers or of Python's times, as another producer writes them."""

from __future__ import annotations

import copy
import functools
import io
from typing import Any

import fastavro

from hub.codec.avro import Codec
from hub.codec.framing import frame
from hub.codec.registry import FileRegistry, bundled_schemas

REGISTRY = FileRegistry(bundled_schemas())
CODEC = Codec(REGISTRY)


@functools.cache
def fastavro_schema(event_type: str) -> Any:
    return fastavro.parse_schema(copy.deepcopy(dict(REGISTRY.current(event_type).definition)))


def written_by_fastavro(event_type: str, fields: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro_schema(event_type), fields)
    return frame(REGISTRY.current(event_type).id, body.getvalue())


def proposal(**fields: Any) -> dict[str, Any]:
    meta = {
        "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "network": "france_travail",
        "local_id": "00123456789",
        "sequence": 1,
        "occurred_at": 1_609_753_200_000_000,
        "recorded_at": 1_609_753_200_000_000,
        "actor_id": "adviser-1",
        "organisation": "organisation-1",
    }
    return {"meta": meta | fields.pop("meta", {}), "delegation_id": "delegation-1", **fields}

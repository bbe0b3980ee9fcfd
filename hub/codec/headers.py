"""The headers of a record: CloudEvents 1.0 in the Kafka binding's binary mode, and W3C Trace Context.

Nothing in them says whom the event is about: no `ce_subject`, no case, no site. The record is complete without them.
"""

from __future__ import annotations

import re

from hub.codec.registry import RegisteredSchema
from hub.domain.events.base import Event
from hub.errors import Usage

CONTENT_TYPE = "application/vnd.confluent.avro"
"""An Avro body in Confluent's frame: a zero byte and the schema id in four bytes come first."""

Headers = list[tuple[str, bytes]]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def headers(event: Event, schema: RegisteredSchema, traceparent: str | None = None) -> Headers:
    """Give the headers of an event written with this schema.

    Source: CloudEvents Kafka protocol binding 1.0.2, section 3.2; W3C Trace Context, section 3.2.

    Raises:
        Usage: `traceparent` is not of the form of version 00.
    """
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event.meta.event_id,
        "ce_type": f"{schema.subject}.v{schema.version}",
        "ce_source": f"urn:x-parcours:network:{event.meta.network}",
        "ce_time": event.meta.occurred_at.isoformat().replace("+00:00", "Z"),
        "ce_dataschema": f"urn:x-parcours:schema:{schema.subject}:{schema.version}",
        "content-type": CONTENT_TYPE,
    }
    if traceparent is not None:
        if not _TRACEPARENT.fullmatch(traceparent):
            raise Usage("traceparent is malformed; expected 00-<32 hex>-<16 hex>-<2 hex>, lower case, ids not all zero")
        attributes["traceparent"] = traceparent
    return [(name, value.encode()) for name, value in attributes.items()]


def update_headers(key: bytes, version: int, schema: RegisteredSchema) -> Headers:
    """Give the headers of an update, or of the tombstone that takes one away: it has a version here alone.

    Source: CloudEvents Kafka protocol binding 1.0.2, section 3.2; its extension `sequence`, which sorts as text.
    """
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": f"{key.hex()}-{version}",
        "ce_type": f"{schema.subject}.v{schema.version}",
        "ce_source": "urn:x-parcours:hub",
        "ce_sequence": f"{version:020}",
        "ce_dataschema": f"urn:x-parcours:schema:{schema.subject}:{schema.version}",
        "content-type": CONTENT_TYPE,
    }
    return [(name, value.encode()) for name, value in attributes.items()]

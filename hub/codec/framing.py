"""The Confluent frame around an Avro body: a zero byte, the schema id in four bytes, the body."""

from __future__ import annotations

import struct

from hub.errors import RecordTooLarge, Undecodable

MAX_RECORD_BYTES = 1_048_576
"""A framed record is at most 1 MiB, Kafka's own default; the largest event that the models allow has 0.1 MB."""

LARGEST_SCHEMA_ID = 2**31 - 1
"""Registries count ids from 1 in a signed integer of four bytes."""

_HEADER = struct.Struct(">BI")


def frame(schema_id: int, body: bytes | bytearray) -> bytes:
    """Put a body into the frame of its schema id (1 to `LARGEST_SCHEMA_ID`)."""
    return _HEADER.pack(0, schema_id) + body


def unframe(value: bytes) -> tuple[int, bytes]:
    """Take a frame apart into schema id and body.

    Raises:
        RecordTooLarge: more than `MAX_RECORD_BYTES`; nothing of it was read.
        Undecodable: shorter than its header, or another first byte than zero.
    """
    if len(value) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"the record has {len(value)} bytes; expected at most {MAX_RECORD_BYTES}")
    if len(value) < _HEADER.size:
        raise Undecodable(f"the record has {len(value)} bytes; expected a zero byte, a 4-byte schema id and a body")
    magic, schema_id = _HEADER.unpack_from(value)
    if magic != 0:
        raise Undecodable("the record does not start with a zero byte; expected the Confluent frame around Avro")
    return schema_id, value[_HEADER.size :]

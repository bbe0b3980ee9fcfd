"""What a publish request holds: events, each as it was sent or with what is wrong with it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError

from hub.api.failures import OWN_KIND
from hub.codec import strictjson
from hub.codec.framing import MAX_RECORD_BYTES
from hub.codec.jsonform import from_json
from hub.domain import ids
from hub.domain.events.base import Event
from hub.errors import ContractError, InvalidEvent, RecordTooLarge, Undecodable
from hub.producers.submissions import Refused

JSON = "application/json"
NDJSON = "application/x-ndjson"
AVRO = "application/vnd.parcours-hub.avro"
AVRO_BATCH = "application/vnd.parcours-hub.avro-batch"
MOST_EVENTS = 1_000
"""In one request."""

Decode = Callable[[bytes], Event]
Item = Event | Refused

_LENGTH = struct.Struct(">I")
_BLANK = re.compile(rb"[ \t\r]*")


class Submitted(NamedTuple):
    """The items of a request in their order; one that is no batch has one item and is answered for it alone."""

    items: list[Item]
    is_batch: bool


def read(media_type: str, body: bytes, decode: Decode) -> Submitted:
    """Read a body of one of the four media types; `decode` reads framed Avro records.

    Raises:
        RequestValidationError: the body is not of its media type, or a batch without events, with too many, or with
            other fields.
        RegistryUnavailable: a schema registry did not answer.
    """
    match media_type:
        case "application/json":
            return _json(body)
        case "application/x-ndjson":
            return Submitted([_line(line) for line in _lines(body)], is_batch=True)
        case "application/vnd.parcours-hub.avro":
            return Submitted([_record(body, decode)], is_batch=False)
        case _:
            return Submitted([_record(record, decode) for record in _records(body)], is_batch=True)


def _json(body: bytes) -> Submitted:
    try:
        document = strictjson.decode(body)
    except Undecodable as error:
        raise _invalid((), str(error)) from None
    if not isinstance(document, dict) or "events" not in document or "type" in document:
        return Submitted([_event(document)], is_batch=False)
    if len(document) > 1:
        raise _invalid(("events",), "has other fields besides; expected nothing but the list")
    events = document["events"]
    if not isinstance(events, list):
        raise _invalid(("events",), "is not a list; expected the events of the batch")
    _count(len(events))
    return Submitted([_event(each) for each in events], is_batch=True)


def _event(document: Any) -> Item:
    try:
        return from_json(document)
    except InvalidEvent as error:
        return Refused(_event_id(document), error)


def _event_id(document: Any) -> str | None:
    """Give the id of an event that is otherwise wrong, if it is one."""
    meta = document.get("meta") if isinstance(document, dict) else None
    event_id = meta.get("event_id") if isinstance(meta, dict) else None
    try:
        return ids.uuid(event_id) if isinstance(event_id, str) else None
    except ValueError:
        return None


def _lines(body: bytes) -> list[bytes]:
    lines = [line for line in body.split(b"\n") if not _BLANK.fullmatch(line)]
    _count(len(lines))
    return lines


def _line(line: bytes) -> Item:
    if len(line) > MAX_RECORD_BYTES:
        return Refused(None, RecordTooLarge(f"the line has {len(line)} bytes; expected at most {MAX_RECORD_BYTES}"))
    try:
        document = strictjson.decode(line)
    except Undecodable as error:
        return Refused(None, error)
    return _event(document)


def _records(body: bytes) -> list[bytes]:
    records = list(_split(body))
    _count(len(records))
    return records


def _split(body: bytes) -> Iterator[bytes]:
    place = number = 0
    while place < len(body) and number <= MOST_EVENTS:
        number += 1
        begin = place + _LENGTH.size
        if begin > len(body):
            raise _ends_early(number)
        place = begin + _LENGTH.unpack_from(body, place)[0]
        if place > len(body):
            raise _ends_early(number)
        yield body[begin:place]


def _ends_early(number: int) -> RequestValidationError:
    return _invalid((), f"record {number} ends early; expected the length of each, 4 bytes big-endian, before it")


def _record(value: bytes, decode: Decode) -> Item:
    try:
        return decode(value)
    except ContractError as error:
        return Refused(None, error)


def _count(events: int) -> None:
    if not 1 <= events <= MOST_EVENTS:
        raise _invalid(("events",), f"expected 1 to {MOST_EVENTS} events")


def _invalid(path: tuple[str, ...], text: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", *path), "msg": text, "type": f"{OWN_KIND}events"}])

"""How a record is made, without what it says: enough to mend what broke the contract, and not to know who it is about.

A value is never given, nor its length; of the metadata only what names no person and is what it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from hub.codec.avro import Codec
from hub.codec.framing import unframe
from hub.domain.ids import HUB, NETWORKS
from hub.errors import ContractError, HubError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 200
"""Fields of an outline at most."""

Form = Literal["text", "number", "yes_no", "list", "null"]


class Place(NamedTuple):
    """A field by its path, `traits.family_name` or `actions[].theme`, and what kind of value stands there."""

    path: str
    form: Form


class Outline(NamedTuple):
    """What a record consists of; None where it cannot be read so far.

    `event_id`, `network` and `recorded_at` stand here only where they have the form that they should have.
    """

    schema_id: int | None = None
    event_type: str | None = None
    event_id: str | None = None
    network: str | None = None
    recorded_at: datetime | None = None
    fields: tuple[Place, ...] = ()


def outline(codec: Codec, value: bytes | None) -> Outline:
    """Outline a framed record as far as it can be read; it may be anything."""
    try:
        schema_id, _ = unframe(value or b"")
    except ContractError:
        return Outline()
    try:
        event_type, fields = codec.unchecked(value or b"")
    except HubError:
        return Outline(schema_id)
    meta = fields.get("meta") or {}
    places = dict.fromkeys(_places(fields, ""))
    return Outline(
        schema_id,
        event_type,
        _uuid(meta.get("event_id")),
        network if (network := meta.get("network")) in {*NETWORKS, HUB} else None,
        _moment(meta.get("recorded_at")),
        tuple(places)[:MOST],
    )


def _places(value: Any, path: str) -> Iterator[Place]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _places(inner, f"{path}.{name}" if path else name)
        case list():
            yield Place(path, "list")
            for inner in value:
                yield from _places(inner, f"{path}[]")
        case None:
            yield Place(path, "null")
        case bool():
            yield Place(path, "yes_no")
        case int():
            yield Place(path, "number")
        case _:
            yield Place(path, "text")


def _uuid(value: object) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=value) if isinstance(value, int) else None
    except OverflowError:
        return None

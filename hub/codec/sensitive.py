"""The sensitive fields, as the schemas mark them: for logs and error texts, and for whoever shows an event in part."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hub.codec.jsonform import to_json
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.codec.shape import Array, Record, Shape, parse
from hub.domain.events.base import Event

REDACTED = "[redacted]"


@cache
def sensitive_paths(event_type: str) -> frozenset[tuple[str, ...]]:
    """Give the paths of the fields marked sensitive, as in `("meta", "local_id")`; a list adds no step of its own.

    Raises:
        UnknownSchema: the registry holds no schema of that event.
    """
    return frozenset(_paths(parse(_registry().current(event_type).definition)))


def redact(event: Event) -> dict[str, object]:
    """Give the JSON form of an event with `[redacted]` for the value of every sensitive field that is present."""
    document = to_json(event)
    for path in sensitive_paths(type(event).__name__):
        _redact(document, path)
    return document


@cache
def _registry() -> FileRegistry:
    return FileRegistry(bundled_schemas())


def _paths(shape: Shape) -> Iterator[tuple[str, ...]]:
    while isinstance(shape, Array):
        shape = shape.items
    if isinstance(shape, Record):
        for name, field in shape.fields.items():
            if field.sensitive:
                yield (name,)
            else:
                yield from ((name, *path) for path in _paths(field.shape))


def _redact(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, list):
        for item in value:
            _redact(item, path)
    elif isinstance(value, dict) and path[0] in value:
        if len(path) == 1:
            value[path[0]] = REDACTED
        else:
            _redact(value[path[0]], path[1:])

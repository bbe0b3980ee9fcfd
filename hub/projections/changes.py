"""From states to rows: which rows a change of state adds and takes away, written table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from hub.projections import writer
from hub.projections.readmodel import ReadModel, Row
from hub.projections.tables import Tables

_encode = msgspec.msgpack.Encoder().encode


class Change(NamedTuple):
    """A subject's state before and after; `owner` is the value of the rows' first column, None before means no rows."""

    owner: int | str
    before: Any
    after: Any


def write(connection: Connection, tables: Tables, models: Sequence[ReadModel[Any]], changes: Sequence[Change]) -> None:
    """Write the rows that differ, and no others: equal states cost nothing."""
    for model in models:
        removed: list[Row] = []
        added: list[Row] = []
        for change in changes:
            compare(model, change, removed, added)
        table = tables.models[model.name]
        writer.delete(connection, table, removed)
        writer.insert(connection, table, added)


def compare(model: ReadModel[Any], change: Change, removed: list[Row], added: list[Row]) -> None:
    """Add the keys of the rows that a change takes away to `removed`, and the rows that it brings to `added`."""
    before, after = change.before, change.after
    if before is not None and all(_same(getattr(before, part), getattr(after, part)) for part in model.parts):
        return
    width = len(model.key)
    owner = (change.owner,)
    wanted = _keyed(model.rows(after), width)
    if before is None:
        added.extend(owner + row for row in wanted.values())
        return
    stored = _keyed(model.rows(before), width)
    for key, row in stored.items():
        if wanted.get(key) != row:
            removed.append(owner + key)
    for key, row in wanted.items():
        if stored.get(key) != row:
            added.append(owner + row)


def _same(before: Any, after: Any) -> bool:
    """Tell whether two parts give the same rows; equal ones may still hold their entries in another order."""
    return before is after or (before == after and _encode(before) == _encode(after))


def _keyed(rows: Iterable[Row], width: int) -> Mapping[Row, Row]:
    """Index rows by their key columns."""
    return {row[:width]: row for row in rows}

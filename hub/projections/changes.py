"""From states to rows: which rows a change of state adds and takes away, written table by table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec.structs import astuple
from sqlalchemy import Connection

from hub.domain.pathway.fact import State
from hub.projections import writer
from hub.projections.readmodel import ReadModel, Row
from hub.projections.tables import Tables

S = TypeVar("S", bound=State)
_encode = msgspec.msgpack.Encoder().encode


class Change(NamedTuple, Generic[S]):
    """A subject's state before and after, of which an empty one has no rows; `owner` is the rows' first column."""

    owner: int | str
    before: S
    after: S


class Difference(NamedTuple):
    """What a change does to one read model: the keys of the rows that it takes away, and the rows that it brings."""

    name: str
    removed: list[Row]
    added: list[Row]


def write(
    connection: Connection, tables: Tables, models: Sequence[ReadModel[Any]], changes: Iterable[Change[Any]]
) -> None:
    """Write the rows that differ, and no others: equal states cost nothing."""
    whole = {model.name: Difference(model.name, [], []) for model in models}
    for change in changes:
        for name, removed, added in differences(models, change):
            whole[name].removed.extend(removed)
            whole[name].added.extend(added)
    for name, removed, added in whole.values():
        writer.delete(connection, tables.models[name], removed)
        writer.insert(connection, tables.models[name], added)


def differences(models: Iterable[ReadModel[Any]], change: Change[Any]) -> Iterator[Difference]:
    """Compare the rows of the read models that depend on a part that is not what it was."""
    owner, before, after = change
    parts = zip(after.__struct_fields__, astuple(before), astuple(after), strict=True)
    changed = {name for name, old, new in parts if not _same(old, new)}
    for model in models:
        if changed.isdisjoint(model.parts):
            continue
        width = len(model.key)
        stored, wanted = _keyed(model.rows(before), width), _keyed(model.rows(after), width)
        removed = [(owner, *key) for key, row in stored.items() if wanted.get(key) != row]
        added = [(owner, *row) for key, row in wanted.items() if stored.get(key) != row]
        yield Difference(model.name, removed, added)


def _same(old: Any, new: Any) -> bool:
    """Tell whether two parts give the same rows; equal ones may still hold their entries in another order."""
    return old is new or (old == new and _encode(old) == _encode(new))


def _keyed(rows: Iterable[Row], width: int) -> Mapping[Row, Row]:
    """Index rows by their key columns."""
    return {row[:width]: row for row in rows}

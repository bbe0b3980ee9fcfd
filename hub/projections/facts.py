"""The facts of a view by name: each value of every row, with the event that set it.

`phase` names a column of the pathway itself, `delegation:D-12` a row of another read model by its key (several keys
have a slash between them), `delegation:D-12.status` one of its columns, an event's id a line of the timeline. `email`
and the other claimed facts name the claim that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hub.domain.pathway.claim import FACTS
from hub.errors import NotFound, Usage
from hub.projections import timeline
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import names
from hub.projections.view import TableRow, View

_KEYS = {model.name: names(model.key) for model in PERSON_MODELS} | {
    "timeline": ("event_id",),
    "link": ("left_case", "right_case", "rule"),
}
_COLUMNS = {model.name: names(model.columns) for model in PERSON_MODELS} | {
    "timeline": names(timeline.COLUMNS)[1:],
    "link": ("status", "skipped_because"),
}


_CALLED = _COLUMNS | {"timeline": ("label",), "link": ("status",)}


class Fact(NamedTuple):
    """A row of a read model, or one column of it; `event_id` is the event that set it."""

    name: str
    model: str
    row: TableRow
    column: str | None
    event_id: str

    @property
    def value(self) -> Any:
        """The column's value; of a whole row, its columns that say something."""
        if self.column is not None:
            return self.row[self.column]
        return {column: self.row[column] for column in _COLUMNS[self.model] if self.row[column] is not None}

    def event_of(self, column: str) -> str:
        """Give the event that set a column of the row."""
        return event_of(self.row, column)


def event_of(row: TableRow, column: str) -> str:
    """Give the event that set a column of a row."""
    found: str = row.get("events", {}).get(column, row["event_id"])
    return found


def row_name(model: str, row: TableRow) -> str:
    """Name a row; that of the pathway itself has no name."""
    key = "/".join(str(row[column]) for column in _KEYS[model])
    return f"{model}:{key}" if key else ""


def facts(view: View) -> Iterator[Fact]:
    """Give every fact that can be asked for: each column of each row that says something."""
    return _facts(view, _COLUMNS)


def askable(view: View) -> Iterator[Fact]:
    """Give the facts that a list of them names: of events and links only what they are called."""
    return _facts(view, _CALLED)


def _facts(view: View, columns: Mapping[str, Sequence[str]]) -> Iterator[Fact]:
    is_whole = view.state.lifecycle.erased is None
    for model, row in _rows(view):
        name = row_name(model, row)
        for column in columns[model]:
            if row[column] is not None:
                found = Fact(f"{name}.{column}" if name else column, model, row, column, event_of(row, column))
                if is_whole or _is_left(view, found):
                    yield found


def fact(view: View, name: str) -> Fact:
    """Find a fact by its name.

    Raises:
        NotFound: the view has no such fact; of an erased person it has but the erasure.
        Usage: several rows go by that name.
    """
    found = _claimed(view, name) if name in FACTS else None
    found = found or _in_timeline(view, name) or _named(view, name)
    if view.state.lifecycle.erased is not None and (found is None or not _is_left(view, found)):
        raise NotFound("the person's data was erased; only the fact `erased` can be explained")
    if found is None:
        raise NotFound("the pathway has no such fact")
    return found


def _is_left(view: View, found: Fact) -> bool:
    """Tell whether a fact may be told: of an erased person, only the erasure."""
    return view.state.lifecycle.erased is None or found.model == "timeline" or found.column == "erased"


def _rows(view: View) -> Iterator[tuple[str, TableRow]]:
    for model in PERSON_MODELS:
        for row in view.tables[model.name]:
            yield model.name, row
    for row in view.links:
        yield "link", row
    for row in view.timeline:
        yield "timeline", row


def _claimed(view: View, name: str) -> Fact | None:
    for row in view.tables["claim"]:
        if row["fact"] == name and row["accepted_by"] is not None:
            return Fact(name, "claim", row, "value", event_of(row, "value"))
    return None


def _in_timeline(view: View, name: str) -> Fact | None:
    for row in view.timeline:
        if row["event_id"] == name:
            return Fact(name, "timeline", row, None, name)
    return None


def _named(view: View, name: str) -> Fact | None:
    model, has_key, key = name.partition(":")
    if not has_key:
        rows = view.tables["pathway"]
        return _column(rows[0], "pathway", name, name) if rows else None
    of_model = [row for each, row in _rows(view) if each == model]
    row = _row(model, of_model, key)
    if row is not None:
        return Fact(name, model, row, None, row["event_id"])
    key, has_column, column = key.rpartition(".")
    row = _row(model, of_model, key) if has_column else None
    return _column(row, model, column, name) if row is not None else None


def _row(model: str, rows: Iterable[TableRow], key: str) -> TableRow | None:
    """Find a row by its whole key, else by an id of its own: a placement has one per network."""
    rows = list(rows)
    exact = [row for row in rows if row_name(model, row) == f"{model}:{key}"]
    found = exact or [row for row in rows if key in _ids(row)]
    if len(found) > 1:
        raise Usage(f"{len(found)} rows of {model} go by that name: {', '.join(row_name(model, row) for row in found)}")
    return found[0] if found else None


def _ids(row: TableRow) -> set[Any]:
    return {value for column, value in row.items() if column.endswith("_id") and column != "event_id"}


def _column(row: TableRow, model: str, column: str, name: str) -> Fact | None:
    if column not in _COLUMNS[model] or row[column] is None:
        return None
    return Fact(name, model, row, column, event_of(row, column))

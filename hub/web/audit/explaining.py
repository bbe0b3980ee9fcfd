"""Why a fact is as it is: the value, the events and the rule behind it, what else was claimed, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from hub.domain.pathway.claim import FACTS
from hub.projections import labels, rules, wording
from hub.projections.facts import Fact, askable, event_of, row_name
from hub.projections.view import TableRow, View
from hub.web import words
from hub.web.audit import phrasing
from hub.web.naming.names import UNNAMED, Names
from hub.web.pathway import phrases

PAGE = 15
"""Rows of a part that a page lists."""
MOST_EVENTS = 8
"""Events behind a fact that are shown in whole."""
_FIRST = "pathway"
_WORDLESS = frozenset({"event_count", "person_id"})


class Value(NamedTuple):
    """A value in words, and the event that set it; `fact` is the name under which it can be asked for."""

    term: str
    value: str
    event_id: str
    fact: str


class Asking(NamedTuple):
    """A row, and its facts that can be asked for."""

    title: str
    values: tuple[Value, ...]


class Part(NamedTuple):
    """A part of the pathway: how many rows it has."""

    name: str
    label: str
    rows: int


class Behind(NamedTuple):
    """An event behind a fact; what is None is not shown to this reader."""

    event_id: str
    label: str
    network: str
    who: str
    occurred_at: datetime
    recorded_at: datetime
    accepted_at: datetime
    position: int


class Claim(NamedTuple):
    """What a case record says of a fact, and whether that is the value shown."""

    network: str
    case: str
    value: str
    since: datetime | None
    is_kept: bool


class Explained(NamedTuple):
    """A fact, explained."""

    title: str
    values: tuple[Value, ...]
    rule: str
    events: tuple[Behind, ...]
    claims: tuple[Claim, ...]
    is_settled: bool
    is_contested: bool


Rows = Mapping[str, tuple[TableRow, Sequence[Fact]]]
"""Rows by name, each with its facts that can be asked for."""


def rows_of(view: View) -> Mapping[str, Rows]:
    """Give what can be asked for, part by part."""
    found: dict[str, dict[str, tuple[TableRow, list[Fact]]]] = {}
    for each in askable(view):
        if each.column not in _WORDLESS and (each.model in {"timeline", "link"} or _is_told(each)):
            rows = found.setdefault(each.model, {})
            rows.setdefault(row_name(each.model, each.row), (each.row, []))[1].append(each)
    return found


def parts(found: Mapping[str, Rows]) -> tuple[Part, ...]:
    """Name the parts of a pathway that have a fact to ask for."""
    return tuple(Part(name, _label(name), len(rows)) for name, rows in found.items())


def _label(model: str) -> str:
    return words.capital(words.typed(wording.model(model)))


def part_named(parts: Sequence[Part], name: str) -> str | None:
    """Find a part by its French name, as an address gives it; the pathway itself without one."""
    known = {part.label: part.name for part in parts}
    if not name:
        return _FIRST if _FIRST in known.values() else next(iter(known.values()), None)
    return known.get(name)


def asking(part: str, rows: Rows, page: int, names: Names = UNNAMED) -> list[Asking]:
    """Give a page of the rows of a part, counted from 1, with what can be asked of them."""
    shown = islice(rows.values(), (page - 1) * PAGE, page * PAGE)
    return [Asking(_title(part, row, names), tuple(_value(each, names) for each in facts)) for row, facts in shown]


def _is_told(each: Fact) -> bool:
    return each.column is not None and phrasing.is_told(each.model, each.column, each.value)


def _title(model: str, row: TableRow, names: Names) -> str:
    if model == "timeline":
        return f"{_said(row, names)}, le {words.day(row['occurred_at'])}"
    return phrasing.titled(model, row, names)


def _said(line: TableRow, names: Names) -> str:
    return names.in_label(words.typed(line["label"]), line["event_type"], line["network"])


def _value(each: Fact, names: Names) -> Value:
    column = each.column or ""
    said = phrasing.said(each.model, column, each.value, each.row, names)
    return Value(phrasing.term(column), said, each.event_id, each.name)


def explained(
    view: View, fact: Fact, recorded: Mapping[str, dict[str, Any] | None], names: Names = UNNAMED
) -> Explained:
    """Explain a fact; `recorded` are the events of `events_of`, as the reader sees them."""
    claim = _claimed_fact(fact)
    claims = tuple(_claims(view, claim)) if claim else ()
    return Explained(
        _title(fact.model, fact.row, names),
        tuple(_values(fact, names)),
        words.typed(rules.sentence(fact.model, "accepted_by" if claim and fact.model == "claim" else fact.column)),
        tuple(_behind(view, event_id, found, names) for event_id, found in recorded.items() if found is not None),
        claims,
        any(row["accepted_by"] == "settled" for row in view.tables["claim"] if row["fact"] == claim),
        any(row["fact"] == claim for row in view.tables["contradiction"]),
    )


def events_of(view: View, fact: Fact) -> list[str]:
    """Give the events behind a fact: those that set it, and the decision by which a claim is the one shown."""
    if fact.column is not None:
        ids = [fact.event_id]
    elif fact.model == "timeline":
        ids = [fact.event_id, *([fact.row["voided_by"]] if fact.row["voided_by"] else [])]
    else:
        ids = [fact.event_of(column) for column in fact.value]
    claim = _claimed_fact(fact)
    ids += [
        event_of(row, column)
        for row in view.tables["claim"]
        if row["fact"] == claim
        for column in ("value", "accepted_by")
        if row[column] is not None
    ]
    return list(dict.fromkeys(ids))[:MOST_EVENTS]


def _claimed_fact(fact: Fact) -> str | None:
    """Name the claimed fact that a fact rests on."""
    if fact.model in {"claim", "contradiction"}:
        return str(fact.row["fact"])
    return fact.column if fact.model == "pathway" and fact.column in FACTS else None


def _values(fact: Fact, names: Names) -> Iterator[Value]:
    if fact.column is not None:
        yield _value(fact, names)
        return
    for column, value in fact.value.items():
        if phrasing.is_told(fact.model, column, value):
            said = phrasing.said(fact.model, column, value, fact.row, names)
            yield Value(phrasing.term(column), said, fact.event_of(column), f"{fact.name}.{column}")


def _claims(view: View, fact: str) -> Iterator[Claim]:
    when = {line["event_id"]: line["occurred_at"] for line in view.timeline}
    for row in view.tables["claim"]:
        if row["fact"] == fact:
            yield Claim(
                row["network"],
                phrases.case(row["case_record"]),
                phrases.claimed(fact, row["value"]),
                when.get(row["event_id"]),
                row["accepted_by"] is not None,
            )


def _behind(view: View, event_id: str, found: Mapping[str, Any], names: Names) -> Behind:
    content = found["content"]
    meta = content["meta"]
    line: TableRow | None = next((each for each in view.timeline if each["event_id"] == event_id), None)
    return Behind(
        event_id,
        _said(line, names) if line else words.typed(labels.event_type(content["type"])),
        meta["network"],
        phrasing.who(meta["network"], meta["actor_id"], meta["organisation"], names),
        datetime.fromisoformat(meta["occurred_at"]),
        datetime.fromisoformat(meta["recorded_at"]),
        found["accepted_at"],
        found["position"],
    )

"""The view of one pathway: every row that the read model has about a person, with timeline and links.

The rows are computed from the state that the engine stored with them, by the same functions: three look-ups, whatever
the number of read models. A replay gives the same view from its own fold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BindParameter, Connection, Select, bindparam, or_, select

from hub.domain.identity.resolve import Resolution
from hub.domain.ids import CaseKey
from hub.domain.pathway.pathway import EMPTY, Pathway
from hub.projections import timeline
from hub.projections.engine import load_states
from hub.projections.finding import Found
from hub.projections.grouping import case_text, link_rows
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import ReadModel, Row, names
from hub.projections.tables import Tables
from hub.projections.tables import tables as generation_tables

TableRow = dict[str, Any]
_COLUMNS = {model.name: (*names(model.key), *names(model.columns), "event_id") for model in PERSON_MODELS}


class View(NamedTuple):
    """A pathway as rows by read model; each row is a dict by column, with `event_id` and its columns' `events`.

    `linked_since` are, in a view of the past, the case records that belong to the pathway now and did not then.
    """

    person_id: str | None
    cases: tuple[CaseKey, ...]
    tables: Mapping[str, list[TableRow]]
    timeline: list[TableRow]
    links: list[TableRow]
    state: Pathway
    linked_since: tuple[CaseKey, ...] = ()


def live(
    connection: Connection, tables: Tables, found: Found, *, with_timeline: bool = True, with_links: bool = True
) -> View:
    """Show a pathway as the live generation has it; what is not asked for beside the read models' rows is empty."""
    state = state_of(connection, tables, found)
    cases = tuple(row.case for row in found.members)
    lines = _timeline(connection, tables, found) if with_timeline else []
    return of_state(state, cases, lines, _links(connection, tables, cases) if with_links else [])


def state_of(connection: Connection, tables: Tables, found: Found) -> Pathway:
    """Load the state that the live generation keeps of a pathway."""
    number = found.pathway_no
    return EMPTY if number is None else load_states(connection, tables, [number]).get(number, EMPTY)


def of_state(state: Pathway, cases: tuple[CaseKey, ...], lines: list[TableRow], links: list[TableRow]) -> View:
    """Lay out a state as rows."""
    rows = {model.name: [as_dict(model, row) for row in model.rows(state)] for model in PERSON_MODELS}
    shown = [] if state.lifecycle.erased else links
    return View(state.person_id if state.first else None, cases, rows, _left(lines, state), shown, state)


def _left(lines: list[TableRow], state: Pathway) -> list[TableRow]:
    """Give the lines that erasures leave, as the fold does: none of a case record that had one before an erasure."""
    if not state.erasures:
        return lines
    seen: set[str] = set()
    gone: set[str] = set()
    for line in lines:
        if line["event_id"] in state.erasures:
            gone |= seen
        else:
            seen.add(line["case"])
    return [line for line in lines if line["event_id"] in state.erasures or line["case"] not in gone]


def as_dict(model: ReadModel[Any], row: Row) -> TableRow:
    """Name a row's values; `events` maps every column set by another event than the row's to that event."""
    named: TableRow = dict(zip(_COLUMNS[model.name], row[:-1], strict=True))
    named["events"] = _events(row[-1])
    return named


def _events(text: str | None) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}


def timeline_rows(rows: Iterable[tuple[CaseKey, Row]]) -> list[TableRow]:
    """Name the values of timeline rows and put them in canonical order."""
    columns = names(timeline.COLUMNS)
    named = [{"case": case_text(case), **dict(zip(columns, row, strict=True))} for case, row in rows]
    return sorted(named, key=lambda line: line["place_in_order"])


def _timeline(connection: Connection, tables: Tables, found: Found) -> list[TableRow]:
    cases = {row.case_no: row.case for row in found.members}
    rows = connection.execute(_lines_of(tables), {"cases": list(cases)})
    return timeline_rows((cases[row[0]], tuple(row)[1:]) for row in rows)


@lru_cache(maxsize=8)
def _lines_of(tables: Tables) -> Select[Any]:
    table = tables.timeline
    return select(table).where(table.c.case_no.in_(bindparam("cases", expanding=True)))


@lru_cache(maxsize=8)
def _links_of(tables: Tables) -> Select[Any]:
    table = tables.link
    columns = (column for column in table.c if column.name != "case_no")
    texts: BindParameter[str] = bindparam("cases", expanding=True)
    return select(*columns).where(or_(table.c.left_case.in_(texts), table.c.right_case.in_(texts)))


def _links(connection: Connection, tables: Tables, cases: Iterable[CaseKey]) -> list[TableRow]:
    found = connection.execute(_links_of(tables), {"cases": [case_text(case) for case in cases]})
    # Sorted here, by code points: a database sorts by its own collation.
    rows = sorted(found, key=lambda row: (row.left_case, row.right_case, row.status, row.rule))
    return [{**row._mapping, "events": _events(row.events)} for row in rows]


def resolved_links(resolution: Resolution, cases: Iterable[CaseKey]) -> list[TableRow]:
    """Give the links of a resolution that concern these case records, as the live generation would show them."""
    texts = {case_text(case) for case in cases}
    numbers = {case: 0 for cluster in resolution.clusters for case in cluster}
    columns = [column.name for column in generation_tables(1).link.c]
    named = [dict(zip(columns, row, strict=True)) for row in link_rows(numbers, resolution)]
    rows = [row for row in named if row["left_case"] in texts or row["right_case"] in texts]
    rows.sort(key=lambda row: (row["left_case"], row["right_case"], row["status"], row["rule"]))
    return [
        {name: value for name, value in row.items() if name != "case_no"} | {"events": _events(row["events"])}
        for row in rows
    ]

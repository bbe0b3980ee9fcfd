"""Who accompanies whom, read from the live generation: the ties that `hub.domain.access` decides on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, false, or_, select, union

from hub.domain.access import Reader, Tie, last_day_that_holds, roles_of
from hub.ledger import bulk
from hub.projections.records import chunks
from hub.projections.tables import Tables


def ties_of(connection: Connection, tables: Tables, pathway_nos: Iterable[int]) -> dict[int, list[Tie]]:
    """Give every tie of these pathways, past ones too; each number asked for has an entry."""
    found: dict[int, list[Tie]] = {number: [] for number in pathway_nos}
    for number, tie in _ties(connection, _table(tables), found):
        found[number].append(tie)
    return found


def tied_to(connection: Connection, tables: Tables, pathway_nos: Iterable[int], today: date) -> list[tuple[int, Tie]]:
    """Give the ties of these pathways that hold today, each with its pathway's number."""
    table = _table(tables)
    return list(_ties(connection, table, set(pathway_nos), _held(table, today)))


def in_scope(
    connection: Connection, tables: Tables, reader: Reader, pathway_nos: Iterable[int], today: date
) -> set[int]:
    """Tell which of these pathways the reader accompanies, or leads the site of, today."""
    table = _table(tables)
    scopes = _scopes(table, reader)
    if not scopes:
        return set()
    statement = select(table.c.pathway_no).where(_held(table, today), or_(*scopes))
    return {row.pathway_no for row in _of_pathways(connection, statement, table, set(pathway_nos))}


def caseload(
    connection: Connection, tables: Tables, reader: Reader, today: date, *, after: int | None, limit: int
) -> list[int]:
    """Give the pathways that the reader accompanies, or leads the site of, today: ascending, those above `after`."""
    table = _table(tables)
    parts = [_first(table, and_(scope, _held(table, today)), after, limit) for scope in _scopes(table, reader)]
    if not parts:
        return []
    number = union(*parts).subquery().c.pathway_no
    return list(connection.scalars(select(number).order_by(number).limit(limit)))


def accompanied(tables: Tables, reader: Reader, today: date) -> Select[Any]:
    """Select the numbers of the pathways that `caseload` gives, for a query that asks for something of them."""
    table = _table(tables)
    scopes = _scopes(table, reader)
    return select(table.c.pathway_no).where(_held(table, today), or_(*scopes) if scopes else false())


def _first(table: Table, condition: ColumnElement[bool], after: int | None, limit: int) -> Select[Any]:
    """Select the first pathways of one scope; a query of its own, so that the index in order of pathways serves it."""
    number = table.c.pathway_no
    query = select(number).distinct().where(condition).order_by(number).limit(limit)
    if after is not None:
        query = query.where(number > after)
    return select(query.subquery().c.pathway_no)


def _table(tables: Tables) -> Table:
    return tables.models["accompaniment"]


def _held(table: Table, today: date) -> ColumnElement[bool]:
    """Say in SQL what `access.holds` says."""
    until = table.c.until_date
    return and_(table.c.from_date <= today, or_(until.is_(None), until >= last_day_that_holds(today)))


def _scopes(table: Table, reader: Reader) -> list[ColumnElement[bool]]:
    """Say in SQL what `access.is_own` and `access.is_led` say; one condition for each that can hold."""
    found: list[ColumnElement[bool]] = []
    roles = roles_of(reader)
    if "adviser" in roles and reader.network and reader.adviser:
        found.append(and_(table.c.network == reader.network, table.c.adviser == reader.adviser))
    if "site_lead" in roles and reader.network and reader.sites:
        found.append(and_(table.c.network == reader.network, table.c.site.in_(sorted(reader.sites))))
    return found


def _ties(
    connection: Connection, table: Table, pathway_nos: Iterable[int], *conditions: ColumnElement[bool]
) -> Iterator[tuple[int, Tie]]:
    columns = (table.c.pathway_no, *(table.c[name] for name in ("capacity", *Tie._fields[1:])))
    for number, ground, network, adviser, *rest in _of_pathways(
        connection, select(*columns).where(*conditions), table, pathway_nos
    ):
        yield number, Tie(ground, network, adviser or "", *rest)


def _of_pathways(
    connection: Connection, statement: Select[Any], table: Table, pathway_nos: Iterable[int]
) -> Iterator[Any]:
    statement = statement.where(bulk.among(connection, table.c.pathway_no, "wanted"))
    for chunk in chunks(pathway_nos):
        yield from connection.execute(statement, {"wanted": chunk})

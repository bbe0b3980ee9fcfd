"""Case records into pathways: resolves all that could be affected, numbers the clusters, keeps the links' rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam

from hub.domain.identity.resolve import Resolution, resolve
from hub.domain.ids import CaseKey
from hub.projections import records, writer
from hub.projections.readmodel import Row, encode_events
from hub.projections.records import CaseRow
from hub.projections.tables import Tables


class Regrouped(NamedTuple):
    """What a resolution changed: the new members of every changed pathway, and the pathways that are no more."""

    members: Mapping[int, Sequence[CaseRow]]
    retired: frozenset[int]


def regroup(connection: Connection, tables: Tables, reached: Collection[int]) -> Regrouped:
    """Resolve case records again and number the clusters; they are whole closures, see `records.closure`.

    A pathway whose members stay the same keeps its number and is not in the answer.
    """
    rows = {row.case: row for row in records.by_number(connection, tables, reached).values()}
    resolution = resolve(
        (row.evidence for row in rows.values()),
        {case: row.trait_key for case, row in rows.items()},
        records.decisions_about(connection, tables, reached),
    )
    regrouped = _number(connection, tables, rows, resolution)
    table = tables.case_record
    moved = [
        {"number": row.case_no, "pathway": pathway_no}
        for pathway_no, members in regrouped.members.items()
        for row in members
        if row.pathway_no != pathway_no
    ]
    if moved:
        statement = table.update().where(table.c.case_no == bindparam("number"))
        connection.execute(statement.values(pathway_no=bindparam("pathway")), moved)
    _store_links(connection, tables, rows, resolution)
    return regrouped


def _number(
    connection: Connection, tables: Tables, rows: Mapping[CaseKey, CaseRow], resolution: Resolution
) -> Regrouped:
    before: dict[int, set[CaseKey]] = {}
    for case, row in rows.items():
        if row.pathway_no is not None:
            before.setdefault(row.pathway_no, set()).add(case)
    kept = {
        number
        for cluster in resolution.clusters
        for number in [rows[cluster[0]].pathway_no]
        if number is not None and before[number] == set(cluster)
    }
    members: dict[int, list[CaseRow]] = {}
    unnumbered: list[list[CaseRow]] = []
    for cluster in resolution.clusters:
        cases = [rows[case] for case in cluster]
        numbers = {row.pathway_no for row in cases}
        if numbers & kept:
            continue
        usable = [number for number in numbers if number is not None and number not in members]
        if usable:
            members[min(usable)] = cases
        else:
            unnumbered.append(cases)
    members |= zip(records.new_numbers(connection, tables.pathway_numbers, len(unnumbered)), unnumbered, strict=True)
    return Regrouped(members, frozenset(before) - kept - frozenset(members))


def case_text(case: CaseKey) -> str:
    """Write a case key in one piece: network/scope/local id."""
    return "/".join(case)


def _store_links(
    connection: Connection, tables: Tables, rows: Mapping[CaseKey, CaseRow], resolution: Resolution
) -> None:
    numbered = {case: row.case_no for case, row in rows.items()}
    wanted = {row[:4]: row for row in link_rows(numbered, resolution)}
    table = tables.link
    numbers = [row.case_no for row in rows.values()]
    stored = {tuple(row)[:4]: tuple(row) for row in records.select_in(connection, table.c[:], table.c.case_no, numbers)}
    writer.delete(connection, table, [key for key, row in stored.items() if wanted.get(key) != row])
    writer.insert(connection, table, [row for key, row in wanted.items() if stored.get(key) != row])


def link_rows(numbers: Mapping[CaseKey, int], resolution: Resolution) -> Iterable[Row]:
    """Give the rows of the links of a resolution; `numbers` are the case records' own."""
    for status, links in (("linked", resolution.links), ("suggested", resolution.suggestions)):
        for link in links:
            others = {f"evidence_{index}": event_id for index, event_id in enumerate(link.event_ids[1:], 2)}
            yield (
                case_text(link.left),
                case_text(link.right),
                status,
                link.rule,
                numbers[link.left],
                link.skipped_because,
                link.event_ids[0],
                encode_events(others) if others else None,
            )
    for decision in resolution.separations:
        left, right = case_text(decision.left), case_text(decision.right)
        yield (left, right, "separated", decision.kind, numbers[decision.left], None, decision.event_id, None)

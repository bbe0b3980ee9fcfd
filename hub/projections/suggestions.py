"""Pairs of case records for a person to look at: never applied on their own, never again once rejected."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, select

from hub.domain.identity import suggest
from hub.domain.ids import CaseKey
from hub.ledger import bulk
from hub.projections import records
from hub.projections.records import CaseRow
from hub.projections.tables import Tables

NEAR = "near"
"""The rule of a pair that only looks alike."""

_PAIRS = 500


class Suggestion(NamedTuple):
    """Two case records of different pathways; `left` is the smaller key.

    `score` is 0 to 100. `rule` says what brings them together: `decision`, `reference` or `traits` when a link was
    held back, with `skipped_because` (`unlinked`, `separated`, `ambiguous`); `near` when they only look alike.
    """

    left: CaseKey
    right: CaseKey
    score: int
    reasons: tuple[str, ...]
    rule: str
    skipped_because: str | None


def suggestions(connection: Connection, tables: Tables, limit: int) -> list[Suggestion]:
    """Give up to `limit` suggestions: links held back first, then near matches, each by falling score, then by keys.

    Near matches share a blocking key, are in different pathways, score `SUGGEST_FROM` or more, and nobody decided that
    one record of the one pathway and one of the other are two people. Memory is for `limit` of them.
    """
    held_back = sorted(_held_back(connection, tables), key=_place)[:limit]
    known = {(found.left, found.right) for found in held_back}
    near = (found for found in _near(connection, tables) if (found.left, found.right) not in known)
    return held_back + heapq.nsmallest(limit - len(held_back), near, key=_place)


class Pair(NamedTuple):
    """A suggestion with its two case records, in the order of their keys."""

    found: Suggestion
    left: CaseRow
    right: CaseRow


def about(connection: Connection, tables: Tables, pathway_nos: Iterable[int]) -> list[Pair]:
    """Give the suggestions of which one record belongs to these pathways, in the order of `suggestions`.

    It looks at these pathways' records and what shares a key with them, whatever the number of people.
    """
    mine = [row for rows in records.of_pathways(connection, tables, pathway_nos).values() for row in rows]
    links = _links_of(connection, tables, mine)
    named = records.named(connection, tables, {_case(text) for row in links for text in row[:2]})
    held_back = [_pair_of(named, row) for row in links if row.status == "suggested"]
    known = {(pair.left.case_no, pair.right.case_no) for pair in held_back}
    apart = {frozenset(named[_case(text)].pathway_no for text in row[:2]) for row in links if row.status == "separated"}
    near = [pair for pair in _near_to(connection, tables, mine, apart) if _numbers(pair) not in known]
    return sorted(held_back, key=_place_of_pair) + sorted(near, key=_place_of_pair)


def _links_of(connection: Connection, tables: Tables, rows: Iterable[CaseRow]) -> list[Any]:
    link = tables.link
    columns = (link.c.left_case, link.c.right_case, link.c.rule, link.c.skipped_because, link.c.status)
    texts = ["/".join(row.case) for row in rows]
    found = {
        row
        for column in (link.c.left_case, link.c.right_case)
        for row in records.select_in(connection, columns, column, texts)
        if row.status != "linked"
    }
    return sorted(found, key=lambda row: tuple(map(str, row)))


def _pair_of(named: dict[CaseKey, CaseRow], link: Any) -> Pair:
    left, right = named[_case(link.left_case)], named[_case(link.right_case)]
    return Pair(_scored(left, right, link.rule, link.skipped_because), left, right)


def _near_to(
    connection: Connection, tables: Tables, mine: Sequence[CaseRow], apart: set[frozenset[int | None]]
) -> Iterator[Pair]:
    one, other = tables.blocking_key.alias("one"), tables.blocking_key.alias("other")
    pairs = select(one.c.case_no, other.c.case_no).join_from(
        one, other, and_(other.c.key == one.c.key, other.c.case_no != one.c.case_no)
    )
    numbers = {
        (min(pair), max(pair))
        for chunk in records.chunks({row.case_no for row in mine})
        for pair in connection.execute(pairs.where(bulk.among(connection, one.c.case_no, "wanted")), {"wanted": chunk})
    }
    rows = {row.case_no: row for row in mine}
    rows |= records.by_number(connection, tables, {number for pair in numbers for number in pair} - rows.keys())
    for first, second in numbers:
        left, right = sorted((rows[first], rows[second]), key=lambda row: row.case)
        if left.pathway_no == right.pathway_no or frozenset((left.pathway_no, right.pathway_no)) in apart:
            continue
        # Most pairs that share a key are too unlike: their reasons are not looked for.
        if suggest.score(left.evidence, right.evidence) >= suggest.SUGGEST_FROM:
            yield Pair(_scored(left, right, NEAR, None), left, right)


def _numbers(pair: Pair) -> tuple[int, int]:
    return pair.left.case_no, pair.right.case_no


def _place_of_pair(pair: Pair) -> tuple[int, CaseKey, CaseKey, str]:
    return _place(pair.found)


def _place(found: Suggestion) -> tuple[int, CaseKey, CaseKey, str]:
    return -found.score, found.left, found.right, found.rule


def _held_back(connection: Connection, tables: Tables) -> Iterator[Suggestion]:
    """Links that a rule would make and a person's decision or an ambiguity prevents."""
    link = tables.link
    query = select(link.c.left_case, link.c.right_case, link.c.rule, link.c.skipped_because)
    rows = connection.execute(query.where(link.c.status == "suggested")).all()
    found = records.named(connection, tables, {_case(text) for row in rows for text in row[:2]})
    for left, right, rule, skipped_because in rows:
        yield _scored(found[_case(left)], found[_case(right)], rule, skipped_because)


def _case(text: str) -> CaseKey:
    return CaseKey(*text.split("/"))


def _near(connection: Connection, tables: Tables) -> Iterator[Suggestion]:
    apart = _kept_apart(connection, tables)
    for page in connection.execute(_pairs(tables), execution_options={"yield_per": _PAIRS}).partitions(_PAIRS):
        rows = records.by_number(connection, tables, {number for pair in page for number in pair})
        for first, second in page:
            left, right = sorted((rows[first], rows[second]), key=lambda row: row.case)
            found = _scored(left, right, NEAR, None)
            if found.score >= suggest.SUGGEST_FROM and frozenset((left.pathway_no, right.pathway_no)) not in apart:
                yield found


def _kept_apart(connection: Connection, tables: Tables) -> set[frozenset[int | None]]:
    """Give the pairs of pathways between which a person's decision stands; there are as many as people took."""
    link = tables.link
    rows = connection.execute(select(link.c.left_case, link.c.right_case).where(link.c.status == "separated")).all()
    found = records.named(connection, tables, {_case(text) for row in rows for text in row})
    return {frozenset(found[_case(text)].pathway_no for text in row) for row in rows}


def _scored(left: CaseRow, right: CaseRow, rule: str, skipped_because: str | None) -> Suggestion:
    points = suggest.score(left.evidence, right.evidence)
    return Suggestion(
        left.case, right.case, points, suggest.reasons(left.evidence, right.evidence), rule, skipped_because
    )


def _pairs(tables: Tables) -> Select[Any]:
    """Pairs of case records that share a blocking key and are in different pathways."""
    one, other = tables.blocking_key.alias("one"), tables.blocking_key.alias("other")
    left, right = tables.case_record.alias("left_record"), tables.case_record.alias("right_record")
    return (
        select(one.c.case_no, other.c.case_no)
        .distinct()
        .select_from(one)
        .join(other, and_(other.c.key == one.c.key, other.c.case_no > one.c.case_no))
        .join(left, left.c.case_no == one.c.case_no)
        .join(right, right.c.case_no == other.c.case_no)
        .where(left.c.pathway_no != right.c.pathway_no)
    )

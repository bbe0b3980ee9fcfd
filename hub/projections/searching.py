"""Finding people by what they are called and when they were born, or by a case record: never by a part of a name.

Candidates share a blocking key with what is asked for, so that each query reads a few rows by an index, whatever the
number of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from hub.domain.identity import suggest, traits
from hub.domain.identity.evidence import Evidence, KeyedHash, trait_key
from hub.domain.ids import CaseKey
from hub.domain.pathway.fact import Fact
from hub.projections import records
from hub.projections.records import CaseRow
from hub.projections.tables import Tables

EXACT = 100
_NOBODY = CaseKey("", "", "")
_ASKED = ""
_NO_CASE = -1


class Candidate(NamedTuple):
    """A pathway that may be the one looked for; `score` is 0 to 100, of what was asked for."""

    pathway_no: int
    score: int


def evidence_of(stated: Mapping[str, str]) -> Evidence:
    """Read traits as one case record would claim them; those that mean unknown count for nothing."""
    known = {trait: Fact(text, _ASKED) for trait, text in stated.items() if traits.is_known(trait, text)}
    return Evidence(_NOBODY, known)


def by_case(connection: Connection, tables: Tables, case: CaseKey) -> list[Candidate]:
    """Find the pathway of a case record."""
    table = tables.case_record
    query = table.select().where(
        table.c.local_id == case.local_id, table.c.network == case.network, table.c.scope == case.scope
    )
    return [Candidate(row.pathway_no, EXACT) for row in connection.execute(query) if row.pathway_no is not None]


def by_traits(connection: Connection, tables: Tables, asked: Evidence, keyed_hash: KeyedHash) -> list[Candidate]:
    """Find the pathways with a case record that scores `SUGGEST_FROM` or more of what is asked for, best first.

    The score is in proportion to what the traits that were given can reach, so that an unknown place costs nothing.
    """
    best: dict[int, int] = {}
    for row in _sharing(connection, tables, suggest.blocking_keys(asked, keyed_hash)):
        score = _share(asked, row.evidence)
        if row.pathway_no is not None and _is_near(score):
            best[row.pathway_no] = max(score, best.get(row.pathway_no, 0))
    return sorted(
        (Candidate(number, score) for number, score in best.items()), key=lambda found: (-found.score, found.pathway_no)
    )


def with_equal_traits(connection: Connection, tables: Tables, asked: Evidence, keyed_hash: KeyedHash) -> list[CaseRow]:
    """Find the case records that equal traits would link with one that says what is asked for, by their keys."""
    wanted = trait_key(asked, keyed_hash)
    rows = _sharing(connection, tables, suggest.blocking_keys(asked, keyed_hash))
    return sorted((row for row in rows if wanted is not None and row.trait_key == wanted), key=lambda row: row.case)


def _sharing(connection: Connection, tables: Tables, keys: tuple[bytes, ...]) -> list[CaseRow]:
    table = tables.blocking_key
    numbers = {row.case_no for row in records.select_in(connection, [table.c.case_no], table.c.key, keys)}
    # The same statements where there is nobody: whoever measures the time learns nothing.
    return list(records.by_number(connection, tables, numbers or {_NO_CASE}).values())


def agreeing(connection: Connection, tables: Tables, found: list[Candidate], asked: Evidence) -> list[Candidate]:
    """Keep the pathways whose case records agree with traits that were given beside a case record."""
    members = records.of_pathways(connection, tables, (each.pathway_no for each in found))
    scores = {number: max(_share(asked, row.evidence) for row in rows) for number, rows in members.items()}
    return [each._replace(score=scores[each.pathway_no]) for each in found if _is_near(scores[each.pathway_no])]


def _share(asked: Evidence, said: Evidence) -> int:
    """Say how much of the points that the given traits can reach a record reaches, 0 to 100."""
    reachable = suggest.score(asked, asked)
    return min(EXACT, round(EXACT * suggest.score(asked, said) / reachable)) if reachable else 0


def _is_near(score: int) -> bool:
    return score >= suggest.SUGGEST_FROM

"""The digest of a read model: equal for equal content, whatever the database, the arrival or the numbering."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from hub.projections.models import PERSON_MODELS, SUBJECT_MODELS
from hub.projections.tables import Tables

_ENCODER = msgspec.json.Encoder()
_MODULUS = 2**512
_ROWS = 5_000


def digest(connection: Connection, tables: Tables) -> str:
    """Give 64 hexadecimal characters for the content of a generation, in flat memory.

    Each row is hashed from canonical bytes (its table, its owner's public id instead of the store's own number, its
    values), and the hashes are added modulo 2^512, so that no order and no collation plays a part; equal rows count
    as often as they occur. Positions, acceptance times, keyed hashes and stored states stay out.
    """
    total = 0
    for row in content(connection, tables):
        total = (total + int.from_bytes(hashlib.sha512(row).digest())) % _MODULUS
    return hashlib.sha256(total.to_bytes(64)).hexdigest()


def content(connection: Connection, tables: Tables) -> Iterator[bytes]:
    """Give the canonical bytes of every row, in no particular order."""
    people, cases = tables.models["pathway"], tables.case_record
    owner = people.c.person_id
    yield from _rows(
        connection,
        "case_record",
        select(cases.c.network, cases.c.scope, cases.c.local_id, owner).outerjoin(
            people, people.c.pathway_no == cases.c.pathway_no
        ),
    )
    timeline = tables.timeline
    yield from _rows(
        connection,
        "timeline",
        select(cases.c.network, cases.c.scope, cases.c.local_id, *_without(timeline, "case_no")).join(
            cases, cases.c.case_no == timeline.c.case_no
        ),
    )
    yield from _rows(connection, "link", select(*_without(tables.link, "case_no")))
    for model in PERSON_MODELS:
        table = tables.models[model.name]
        query = select(*_without(table, "pathway_no"))
        if table is not people:
            query = query.add_columns(owner).join(people, people.c.pathway_no == table.c.pathway_no)
        yield from _rows(connection, model.name, query)
    for model in (model for models in SUBJECT_MODELS.values() for model in models):
        yield from _rows(connection, model.name, select(tables.models[model.name]))


def _without(table: Table, column: str) -> Iterable[Any]:
    return [each for each in table.columns if each.name != column]


def _rows(connection: Connection, name: str, query: Any) -> Iterator[bytes]:
    result = connection.execute(query, execution_options={"yield_per": _ROWS})
    for page in result.partitions(_ROWS):
        for row in page:
            yield _ENCODER.encode((name, *row))

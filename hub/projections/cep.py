"""Read model of CEPs: one row each; the project's text stays in the pathway's state, out of the table."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("public", TEXT),
    ("level", TEXT),
    ("site", TEXT),
    ("opened_at", MOMENT),
    ("concluded_at", MOMENT),
    ("project_rome", TEXT),
    ("risk", TEXT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per CEP."""
    for cep in pathway.ceps.by_id.values():
        last = cep.concluded_at or cep.opened_at
        if last is None:
            continue
        facts = (cep.public, cep.level, cep.site, cep.opened_at, cep.concluded_at, cep.project_rome, cep.risk)
        yield row((cep.cep_id,), NAMES, facts, last.event_id)


MODEL = ReadModel(
    name="cep",
    key=(("cep_id", TEXT),),
    columns=COLUMNS,
    parts=("ceps",),
    rows=rows,
)

"""Read model of candidacies: one row each, with its match to the occupation asked for and the outcome (M20)."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("siret", TEXT),
    ("network", TEXT),
    ("site", TEXT),
    ("proposed_at", MOMENT),
    ("rome", TEXT),
    ("requested_rome", TEXT),
    ("rome_match", TEXT),
    ("answered_at", MOMENT),
    ("result", TEXT),
    ("relevance", TEXT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per candidacy; `rome_match` is `exact`, `same_domain`, `other` or `unknown`."""
    for candidacy in pathway.candidacies.by_id.values():
        status = candidacy.status
        yield row(
            (candidacy.candidacy_id,),
            NAMES,
            (
                status,
                candidacy.siret,
                candidacy.network,
                candidacy.site,
                candidacy.proposed_at,
                candidacy.rome,
                candidacy.requested_rome,
                candidacy.rome_match,
                candidacy.answered_at,
                candidacy.result,
                candidacy.relevance,
            ),
            status.event_id,
        )


MODEL = ReadModel(
    name="candidacy",
    key=(("candidacy_id", TEXT),),
    columns=COLUMNS,
    parts=("candidacies",),
    rows=rows,
)

"""Read model of legs: one row per case record."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.fact import Fact
from hub.domain.pathway.leg import case_text
from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import COUNT, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("network", TEXT),
    ("status", TEXT),
    ("site", TEXT),
    ("public", TEXT),
    ("category", TEXT),
    ("other_case", TEXT),
    ("registered_at", MOMENT),
    ("opened_at", MOMENT),
    ("reopening_motive", TEXT),
    ("closed_at", MOMENT),
    ("closing_motive", TEXT),
    ("updated_at", MOMENT),
    ("periods", COUNT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per leg; `opened_at` to `closing_motive` are those of its last period."""
    for name, leg in pathway.legs.by_case.items():
        status, last = leg.status, leg.periods[-1]
        yield row(
            (name,),
            NAMES,
            (
                Fact(leg.case.network, leg.first_event_id),
                status,
                leg.site,
                leg.public,
                leg.category,
                Fact(case_text(leg.other_case.value), leg.other_case.event_id) if leg.other_case else None,
                leg.registered_at,
                last.opened_at,
                last.reopening_motive,
                last.closed_at,
                last.closing_motive,
                leg.updated_at,
                Fact(len(leg.periods), status.event_id),
            ),
            leg.updated_at.event_id,
        )


MODEL = ReadModel(
    name="leg",
    key=(("case_record", TEXT),),
    columns=COLUMNS,
    parts=("legs",),
    rows=rows,
)

"""Read model of delegations: one row each, with every step's date and event."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import DAY, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("site", TEXT),
    ("ground", TEXT),
    ("proposed_at", MOMENT),
    ("accepted_at", MOMENT),
    ("declined_at", MOMENT),
    ("answer_motive", TEXT),
    ("planned_end", DAY),
    ("reviewed_at", MOMENT),
    ("review_outcome", TEXT),
    ("ended_at", MOMENT),
    ("cancelled_at", MOMENT),
    ("end_motive", TEXT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per delegation."""
    for delegation in pathway.delegations.by_id.values():
        status = delegation.status
        yield row(
            (delegation.delegation_id,),
            NAMES,
            (
                status,
                delegation.site,
                delegation.ground,
                delegation.proposed_at,
                delegation.accepted_at,
                delegation.declined_at,
                delegation.answer_motive,
                delegation.planned_end,
                delegation.reviewed_at,
                delegation.review_outcome,
                delegation.ended_at,
                delegation.cancelled_at,
                delegation.end_motive,
            ),
            status.event_id,
        )


MODEL = ReadModel(
    name="delegation",
    key=(("delegation_id", TEXT),),
    columns=COLUMNS,
    parts=("delegations",),
    rows=rows,
)

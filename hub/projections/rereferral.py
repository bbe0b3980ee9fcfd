"""Read model of re-referrals: one row per registration that starts again what the other network was doing."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.rereferral import re_referrals
from hub.projections.readmodel import MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("case_record", TEXT),
    ("to_network", TEXT),
    ("from_case_record", TEXT),
    ("from_network", TEXT),
    ("site", TEXT),
    ("registered_at", MOMENT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per re-referral; its key is the registration's event."""
    for found in re_referrals(pathway):
        by = found.event_id
        yield row(
            (by,),
            NAMES,
            (
                Fact(found.case, by),
                Fact(found.to_network, by),
                found.from_case,
                found.from_network,
                found.site,
                Fact(found.registered_at, by),
            ),
            by,
        )


MODEL = ReadModel(
    name="re_referral",
    key=(("registration_id", TEXT),),
    columns=COLUMNS,
    parts=("legs", "delegations", "expertise", "diagnoses"),
    rows=rows,
)

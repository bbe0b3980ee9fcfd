"""Read model of pathways: one row per person, what an adviser sees at the top."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway import claim, ending, referent
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import COUNT, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("person_id", TEXT),
    ("phase", TEXT),
    ("opened_at", MOMENT),
    ("last_event_at", MOMENT),
    ("referent_network", TEXT),
    ("referent_adviser", TEXT),
    ("referent_site", TEXT),
    ("family_name", TEXT),
    ("given_name", TEXT),
    ("birth_date", TEXT),
    ("erased", TEXT),
    ("event_count", COUNT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give the one row of a pathway."""
    first, last = pathway.first, pathway.last
    if first is None or last is None:
        return
    latest = last[4]
    now = referent.current(pathway.referents)
    by = now.event_id if now else ""
    yield row(
        (),
        NAMES,
        (
            Fact(first[4], first[4]),
            ending.phase(pathway),
            Fact(first[0], first[4]),
            Fact(last[0], latest),
            Fact(now.network, by) if now else None,
            Fact(now.adviser, by) if now else None,
            Fact(now.site, by) if now and now.site else None,
            claim.accepted(pathway.claims, "family_name"),
            claim.accepted(pathway.claims, "given_name"),
            claim.accepted(pathway.claims, "birth_date"),
            pathway.lifecycle.erased,
            Fact(pathway.events, latest),
        ),
        latest,
    )


MODEL = ReadModel(
    name="pathway",
    key=(),
    columns=COLUMNS,
    parts=(
        *("first", "last", "events", "lifecycle", "referents", "claims"),
        *("legs", "delegations", "expertise", "diagnoses"),  # whether somebody still accompanies the person
    ),
    rows=rows,
)

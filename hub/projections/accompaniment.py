"""Read model of who accompanies the person: one row per time of an adviser, which access is decided on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hub.domain.pathway.accompaniment import accompaniments
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import COUNT, DAY, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("capacity", TEXT),
    ("network", TEXT),
    ("adviser", TEXT),
    ("site", TEXT),
    ("about", TEXT),
    ("from_date", DAY),
    ("until_date", DAY),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per time, numbered from 1 among those that one event made; `adviser` is None where only a site is."""
    made: Counter[str] = Counter()
    for one in accompaniments(pathway):
        by = one.event_id
        made[by] += 1
        yield row(
            (by, made[by]),
            NAMES,
            (
                Fact(one.capacity, by),
                Fact(one.network, by),
                Fact(one.adviser, by) if one.adviser else None,
                one.site,
                Fact(one.about, by),
                one.from_date,
                one.until_date,
            ),
            by,
        )


MODEL = ReadModel(
    name="accompaniment",
    key=(("accompaniment_id", TEXT), ("number", COUNT)),
    columns=COLUMNS,
    parts=("lifecycle", "legs", "referents", "delegations", "expertise", "diagnoses"),
    rows=rows,
)

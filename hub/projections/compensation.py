"""Read models of compensation needs: one row per need, one per version and one per measure (M8, M21).

Descriptions are health data in free text: they stay in the pathway's state, out of the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.domain.pathway.compensation import Need
from hub.domain.pathway.fact import Fact
from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import COUNT, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("phase", TEXT),
    ("versions", COUNT),
    ("identified_at", MOMENT),
    ("identified_by", TEXT),
    ("site", TEXT),
    ("rome", TEXT),
    ("siret", TEXT),
    ("measure", TEXT),
    ("funder", TEXT),
    ("implemented_at", MOMENT),
    ("closed_at", MOMENT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per need; the measure is the one that closed it, or else the latest."""
    for need in pathway.needs.by_id.values():
        status = need.status
        yield row((need.need_id,), NAMES, (status, *_versioned(need), *_measured(need)), status.event_id)


def _versioned(need: Need) -> tuple[Fact[Any] | None, ...]:
    current, identified = need.current, need.identified
    return (
        Fact(current.phase, current.event_id) if current else None,
        Fact(len(need.versions), current.event_id) if current else None,
        Fact(identified.stated_at, identified.event_id) if identified else None,
        Fact(identified.network, identified.event_id) if identified else None,
        Fact(identified.site, identified.event_id) if identified and identified.site else None,
        need.rome,
        need.siret,
    )


def _measured(need: Need) -> tuple[Fact[Any] | None, ...]:
    closed = need.closed_by
    measure = closed or (need.measures[-1] if need.measures else None)
    if measure is None:
        return (None, None, None, None)
    event_id = measure.event_id
    return (
        Fact(measure.measure, event_id),
        Fact(measure.funder, event_id) if measure.funder else None,
        Fact(measure.implemented_at, event_id),
        Fact(closed.implemented_at, closed.event_id) if closed else None,
    )


def version_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per version of each need, counted from 1 with the identification first."""
    for need in pathway.needs.by_id.values():
        for number, version in enumerate(need.versions, start=1):
            yield (
                need.need_id,
                number,
                version.step,
                version.phase,
                version.stated_at,
                version.network,
                version.author,
                version.site,
                version.rome,
                version.siret,
                version.event_id,
                None,
            )


def measure_rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per measure; `closes_need` is 1 or 0."""
    for need in pathway.needs.by_id.values():
        for measure in need.measures:
            yield (
                measure.event_id,
                need.need_id,
                measure.measure,
                measure.funder,
                measure.implemented_at,
                measure.network,
                measure.author,
                int(measure.closes_need),
                measure.event_id,
                None,
            )


MODELS = (
    ReadModel(
        name="need",
        key=(("need_id", TEXT),),
        columns=COLUMNS,
        parts=("needs",),
        rows=rows,
    ),
    ReadModel(
        name="need_version",
        key=(("need_id", TEXT), ("version", COUNT)),
        columns=(
            ("step", TEXT),
            ("phase", TEXT),
            ("stated_at", MOMENT),
            ("network", TEXT),
            ("author", TEXT),
            ("site", TEXT),
            ("rome", TEXT),
            ("siret", TEXT),
        ),
        parts=("needs",),
        rows=version_rows,
    ),
    ReadModel(
        name="need_measure",
        key=(("measure_id", TEXT),),
        columns=(
            ("need_id", TEXT),
            ("measure", TEXT),
            ("funder", TEXT),
            ("implemented_at", MOMENT),
            ("network", TEXT),
            ("author", TEXT),
            ("closes_need", COUNT),
        ),
        parts=("needs",),
        rows=measure_rows,
    ),
)

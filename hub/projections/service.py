"""Read model of services and training: one row each, whichever network prescribed it (M19)."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import DAY, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("service", TEXT),
    ("prescribed_by", TEXT),
    ("site", TEXT),
    ("prescribed_at", MOMENT),
    ("starts_on", DAY),
    ("ends_on", DAY),
    ("completed_at", MOMENT),
    ("abandoned_at", MOMENT),
    ("ended_on", DAY),
    ("abandon_motive", TEXT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per service."""
    for service in pathway.services.by_id.values():
        status = service.status
        yield row(
            (service.service_id,),
            NAMES,
            (
                status,
                service.service,
                service.prescribed_by,
                service.site,
                service.prescribed_at,
                service.starts_on,
                service.ends_on,
                service.completed_at,
                service.abandoned_at,
                service.ended_on,
                service.abandon_motive,
            ),
            status.event_id,
        )


MODEL = ReadModel(
    name="service",
    key=(("service_id", TEXT),),
    columns=COLUMNS,
    parts=("services",),
    rows=rows,
)

"""Read model of expertise without delegation: one row per request, with its direction and key moment (M5, M14, M15).

The answer's summary is health data in free text: it stays in the pathway's state, out of the tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import DAY, MOMENT, TEXT, ReadModel, Row, names, row

COLUMNS = (
    ("status", TEXT),
    ("from_network", TEXT),
    ("direction", TEXT),
    ("site", TEXT),
    ("topic", TEXT),
    ("key_moment", TEXT),
    ("ground", TEXT),
    ("partner", TEXT),
    ("requested_at", MOMENT),
    ("answer_due_on", DAY),
    ("delivered_at", MOMENT),
    ("declined_at", MOMENT),
    ("decline_motive", TEXT),
    ("answered_by", TEXT),
)
NAMES = names(COLUMNS)


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per request; `direction` is `to_cap_emploi` or `to_france_travail`."""
    for request in pathway.expertise.by_id.values():
        status = request.status
        yield row(
            (request.request_id,),
            NAMES,
            (
                status,
                request.from_network,
                request.direction,
                request.site,
                request.topic,
                request.key_moment,
                request.ground,
                request.partner,
                request.requested_at,
                request.due_on,
                request.delivered_at,
                request.declined_at,
                request.decline_motive,
                request.answered_by,
            ),
            status.event_id,
        )


MODEL = ReadModel(
    name="expertise",
    key=(("request_id", TEXT),),
    columns=COLUMNS,
    parts=("expertise",),
    rows=rows,
)

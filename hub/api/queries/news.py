"""What the other network recorded about the people of a caseload since a moment, the newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from hub.access import fields
from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api.queries import caseload
from hub.domain.ids import NETWORKS
from hub.domain.topics import OF_NETWORK
from hub.ledger import bulk, ledger
from hub.ledger.moments import moment_of
from hub.ledger.tables import ledger as events


class Act(NamedTuple):
    """An event that the other network stated about a person, accepted by the hub at a moment."""

    position: int
    accepted_at: datetime
    event_id: str
    pathway_no: int
    case_no: int


class News(NamedTuple):
    """The newest acts, how many there are in all, and up to which position of the ledger was looked."""

    acts: list[Act]
    total: int
    position: int


class Line(NamedTuple):
    """What the timeline says of an act: what happened, when, and whether it was voided since."""

    event_type: str
    label: str
    occurred_at: datetime
    is_voided: bool


def other_network(network: str | None) -> str | None:
    """Give the network that a reader's one works with, None for a reader of none."""
    return next((each for each in NETWORKS if network in NETWORKS and each != network), None)


def since(look: Look, moment: datetime, most: int) -> News:
    """Give what was accepted after a moment, and up to `most` of it.

    It looks up the rows of each case record by the ledger's index of subjects, from the position that the moment comes
    to: the more people, the longer, whatever the ledger's length.
    """
    last = ledger.last_position(look.connection)
    network = other_network(look.asked.reader.network)
    if network is None:
        return News([], 0, last)
    record, event = look.tables.case_record.c, events.c
    of_mine = (
        select(event.position)
        .join_from(look.tables.case_record, events, event.subject_ref == record.subject_ref)
        .where(caseload.is_of(look, record.pathway_no), record.network == network)
        .where(event.position > ledger.position_at(look.connection, moment), event.topic == OF_NETWORK[network])
    )
    told = (event.stamped_at, event.event_id, record.pathway_no, record.case_no, func.count().over().label("total"))
    rows = look.connection.execute(
        of_mine.add_columns(*told).order_by(event.position.desc()).limit(most),
    ).all()
    acts = [
        Act(row.position, moment_of(row.stamped_at), str(UUID(bytes=row.event_id)), row.pathway_no, row.case_no)
        for row in rows
    ]
    return News(acts, rows[0].total if rows else 0, last)


def lines(look: Look, acts: list[Act], people: dict[int, Listed]) -> dict[str, Line]:
    """Give what the timeline says of acts, by event, as the reader sees each person."""
    table = look.tables.timeline
    columns = (table.c.event_id, table.c.event_type, table.c.label, table.c.occurred_at, table.c.voided_by)
    query = select(*columns).where(
        bulk.among(look.connection, table.c.case_no, "cases"), bulk.among(look.connection, table.c.event_id, "events")
    )
    wanted = {"cases": sorted({act.case_no for act in acts}), "events": [act.event_id for act in acts]}
    pathway_of = {act.event_id: act.pathway_no for act in acts}
    found: dict[str, Line] = {}
    for row in look.connection.execute(query, wanted) if acts else ():
        person = people.get(pathway_of[row.event_id])
        if person is not None:
            found[row.event_id] = _line(row, person)
    return found


def _line(row: Any, person: Listed) -> Line:
    (shown,) = fields.shown_rows("timeline", [row._asdict()], person.verdict.sight)
    return Line(row.event_type, shown["label"], row.occurred_at, row.voided_by is not None)

"""What came from the other network about the people of a caseload since a moment, the newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from hub.access import fields
from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api.queries import caseload
from hub.domain.ids import NETWORKS, uuid_bytes
from hub.domain.topics import OF_NETWORK
from hub.ledger import bulk, ledger
from hub.ledger.moments import moment_of
from hub.ledger.tables import event_id
from hub.ledger.tables import ledger as events


class Act(NamedTuple):
    """An event that the other network stated about a person, accepted by the hub at a moment.

    Or a decision that joined a record of the other network, `is_link`: of it the timeline of no case record tells.
    """

    position: int
    accepted_at: datetime
    event_id: str
    pathway_no: int
    case_no: int
    is_link: bool = False


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
    after = ledger.position_at(look.connection, moment)
    stated, total = _stated(look, network, after, most)
    joined = _joined(look, after)
    return News(sorted([*stated, *joined], reverse=True)[:most], total + len(joined), last)


def _stated(look: Look, network: str, after: int, most: int) -> tuple[list[Act], int]:
    """Give the newest events of a network's own, and how many there are."""
    record, event = look.tables.case_record.c, events.c
    of_mine = (
        select(event.position, event.stamped_at, event.event_id, record.pathway_no, record.case_no)
        .join_from(look.tables.case_record, events, event.subject_ref == record.subject_ref)
        .where(caseload.is_of(look, record.pathway_no), record.network == network)
        .where(event.position > after, event.topic == OF_NETWORK[network])
    )
    # Found as a whole first: for the newest alone, PostgreSQL would go back through the ledger until it met enough.
    found = of_mine.cte("found").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(found).scalar_subquery()
    rows = look.connection.execute(
        select(found, total.label("total")).order_by(found.c.position.desc()).limit(most)
    ).all()
    acts = [
        Act(row.position, moment_of(row.stamped_at), str(UUID(bytes=row.event_id)), row.pathway_no, row.case_no)
        for row in rows
    ]
    return acts, rows[0].total if rows else 0


def _joined(look: Look, after: int) -> list[Act]:
    """Give the decisions that joined records of both networks, and hold: the events of what they brought are older."""
    record, link = look.tables.case_record.c, look.tables.link.c
    left, right = (f"{each}/" for each in sorted(NETWORKS))  # a link's left record is the one whose key comes first
    links = look.connection.execute(
        select(link.event_id, record.pathway_no, record.case_no)
        .join_from(look.tables.case_record, look.tables.link, link.case_no == record.case_no)
        .where(caseload.is_of(look, record.pathway_no), link.status == "linked", link.rule == "decision")
        .where(link.left_case.startswith(left, autoescape=True), link.right_case.startswith(right, autoescape=True))
    )
    of = {uuid_bytes(row.event_id): row for row in links}
    known = look.connection.execute(
        select(events.c.position, events.c.stamped_at, events.c.event_id)
        .join_from(event_id, events, events.c.position == event_id.c.position)
        .where(bulk.among(look.connection, event_id.c.event_id, "ids"), events.c.position > after),
        {"ids": list(of)},
    )
    return [
        Act(row.position, moment_of(row.stamped_at), *of[row.event_id], is_link=True) for row in (known if of else ())
    ]


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

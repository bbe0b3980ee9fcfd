"""What came from the other network about the people of a caseload since a moment, the newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from hub.access import fields
from hub.access.guard import Look
from hub.access.listing import Listed
from hub.api.queries import caseload, pairs
from hub.api.services import Services
from hub.domain.access import Reader
from hub.domain.ids import NETWORKS
from hub.domain.topics import OF_NETWORK
from hub.ledger import bulk, ledger
from hub.ledger.moments import moment_of
from hub.ledger.tables import ledger as events
from hub.projections import pairing
from hub.projections.pairing import Pairing
from hub.projections.records import CaseRow


class Act(NamedTuple):
    """An event that the other network stated about a person, accepted by the hub at a moment.

    Or somebody else's decision about a record of theirs and one of the other network, which are its `pairing`: of it
    the timeline of no case record tells.
    """

    position: int
    accepted_at: datetime
    event_id: str
    pathway_no: int
    case_no: int
    pairing: Pairing | None = None


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


def since(services: Services, look: Look, after: int, most: int) -> News:
    """Give what was accepted after a position of the ledger, and up to `most` of it.

    It looks up the rows of each case record by the ledger's index of subjects: the more people, the longer, whatever
    the ledger's length.
    """
    last = ledger.last_position(look.connection)
    network = other_network(look.asked.reader.network)
    if network is None:
        return News([], 0, last)
    stated, total = _stated(look, network, after, most)
    decided = _decided(services, look, after)
    return News(sorted([*stated, *decided], reverse=True)[:most], total + len(decided), last)


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


def _decided(services: Services, look: Look, after: int) -> list[Act]:
    """Give the decisions about records of both networks that stand, but for the reader's own."""
    columns = (events.c.position, events.c.stamped_at, events.c.event_id, events.c.subject_ref)
    query = select(*columns).where(events.c.event_type.in_(sorted(pairing.TYPES)), events.c.position > after)
    rows = {row.event_id: row for row in look.connection.execute(query)}
    about = [(row.event_id, row.subject_ref) for row in rows.values()]
    found = pairing.standing(look.connection, look.tables, about) if about else {}
    accompanied = frozenset(look.accompanied(look.asked.reader)) if found else frozenset[int]()
    acts = []
    for key, pair in found.items():
        record, row = _own(look.asked.reader, pair, accompanied), rows[key]
        if record is not None and is_news(services, look.connection, look.asked.reader, row.position, pair):
            moment, event_id = moment_of(row.stamped_at), str(UUID(bytes=key))
            acts.append(Act(row.position, moment, event_id, record.pathway_no or 0, record.case_no, pair))
    return acts


def _own(reader: Reader, pair: Pairing, accompanied: frozenset[int]) -> CaseRow | None:
    """Give the record of a pair whose person the reader accompanies, their own network's first."""
    both = sorted((pair.left, pair.right), key=lambda row: row.case.network != reader.network)
    return next((row for row in both if row.pathway_no in accompanied), None)


def is_news(services: Services, connection: Connection, reader: Reader, position: int, pair: Pairing) -> bool:
    """Tell whether a decision is news: it is about records of both networks, and somebody else took it.

    Who took it stands sealed in its event alone, which is opened for those who can have taken one.
    """
    if not pair.is_of_both_networks:
        return False
    if reader.adviser is None:
        return True
    decided = pairs.decision_at(services, connection, position)
    return decided is not None and not decided.is_by(reader)


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

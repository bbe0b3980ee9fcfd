"""The view that `pathway` and `explain` are about: the live one, or a replay to a moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli.moments import parse_moment

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.domain.events.base import Event
    from hub.projections.view import TableRow, View
    from hub.wiring import Hub

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="network/scope/local_id, a local id, the person's id, or the id of any event."),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="T",
        parser=parse_moment,
        help="As it was then: a day (its end in France) or an RFC 3339 time.",
    ),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        "--known-at", metavar="T", parser=parse_moment, help="As the hub knew it then; goes with --as-of too."
    ),
]


def view_of(hub: Hub, connection: Connection, name: str, as_of: datetime | None, known_at: datetime | None) -> View:
    """Show a pathway as it is, as it was, as it was known, or as it was then known to have been; erased, as it is.

    Raises:
        NotFound: nothing has that name.
        Usage: several case records do.
    """
    from hub.domain.ids import CaseKey
    from hub.domain.pathway import correction
    from hub.projections import generations, view
    from hub.projections.finding import find
    from hub.projections.timeline import timeline_row

    tables = generations.live(connection)
    found = find(connection, tables, name)
    now = view.live(connection, tables, found)
    if (as_of is None and known_at is None) or now.state.lifecycle.erased is not None:
        return now
    replayed = hub.replay.at(connection, tables, found.case, as_of=as_of, known_at=known_at)
    voids = correction.effective(replayed.state.corrections)
    lines = view.timeline_rows(
        (CaseKey(*event.subject[1:]), timeline_row(event, voids.get(event.meta.event_id))) for event in replayed.events
    )
    links = view.resolved_links(replayed.resolution, replayed.cases)
    shown = view.of_state(replayed.state, replayed.cases, lines, links)
    return shown._replace(linked_since=tuple(case for case in now.cases if case not in replayed.cases))


def decisions(hub: Hub, connection: Connection, view: View) -> list[Event]:
    """Read the decisions in force about the view's case records: they stand in no one's timeline, being about two."""
    from hub.ledger import ledger

    decided = {row["event_id"] for row in view.links if row["rule"] == "decision" or row["status"] == "separated"}
    located = [ledger.locate(connection, UUID(event_id).bytes) for event_id in sorted(decided)]
    entries = [ledger.entry_at(connection, found.position, hub.keystore) for found in located if found is not None]
    return [hub.codec.decode_body(entry.schema_id, entry.body) for entry in entries]


def frieze_rows(view: View, decided: list[Event]) -> list[TableRow]:
    """Give the rows of the timeline with these decisions among them, in canonical order."""
    from hub.domain.ids import CaseKey
    from hub.projections.timeline import timeline_row
    from hub.projections.view import timeline_rows

    rows = timeline_rows((CaseKey(*event.subject[1:]), timeline_row(event, None)) for event in decided)
    return sorted((*view.timeline, *rows), key=lambda row: row["place_in_order"])

"""`hub pathway`: what an adviser sees of a person, in French; complete as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from hub.cli.session import session_of
from hub.cli.viewing import AsOf, KnownAt, Name, decisions, frieze_rows, view_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hub.domain.events.base import Event
    from hub.projections.view import View


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pathway", short_help="Show a person's pathway, both networks in order.")(pathway)


def pathway(context: typer.Context, name: Name, as_of: AsOf = None, known_at: KnownAt = None) -> None:
    """Show a person's pathway: both networks' acts in order, who leads, what is open, due, or does not fit."""
    from hub.ledger.database import reading

    session = session_of(context)
    with session.open() as hub:
        with reading(hub.store) as connection:
            found = view_of(hub, connection, name, as_of, known_at)
            decided = decisions(hub, connection, found)
        now = hub.now()
    if session.output.as_json:
        session.output.document(document(found, decided, as_of, known_at))
    else:
        session.output.screen(*screen(found, decided, now, as_of, known_at))


def document(view: View, decided: list[Event], as_of: datetime | None, known_at: datetime | None) -> dict[str, Any]:
    """Give everything that the hub holds about the person; each row names the events that set its columns."""
    from hub.codec.jsonform import to_json
    from hub.projections.free_texts import free_texts

    return {
        "person_id": view.person_id,
        "as_of": as_of,
        "known_at": known_at,
        "cases": [case._asdict() for case in view.cases],
        "linked_since": [case._asdict() for case in view.linked_since],
        "tables": view.tables,
        "timeline": view.timeline,
        "links": view.links,
        "decisions": [to_json(event) for event in decided],
        "free_texts": [text._asdict() for text in free_texts(view.state)],
    }


def screen(
    view: View, decided: list[Event], now: datetime, as_of: datetime | None, known_at: datetime | None
) -> list[RenderableType]:
    """Lay a pathway out; what is overdue is so at the moment shown."""
    from rich.text import Text

    from hub.cli.frieze import Frieze, entry
    from hub.cli.heading import agenda, heading, records
    from hub.cli.notes import notes

    shown_at = as_of or known_at or now
    parts: list[RenderableType] = [heading(view, as_of, known_at)]
    if view.person_id is None:
        return [*parts, Text("Aucun événement à ce moment.", style="italic")]
    said = notes(view)
    entries = [entry(line, said.get(line["event_id"], ())) for line in frieze_rows(view, decided)]
    until = "aujourd'hui" if shown_at is now else "vu au"
    if view.state.lifecycle.erased is None:
        parts += [records(view), *agenda(view, shown_at)]
    parts += [Text(), Frieze(view, entries, shown_at, until)]
    return parts

"""`hub pathway`: what an adviser sees of a person, in French; complete as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from hub.cli.recorded import Why, recorded
from hub.cli.session import session_of
from hub.cli.viewing import AsOf, KnownAt, Name, view_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hub.domain.events.base import Event
    from hub.projections.view import View


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pathway", short_help="Show a person's pathway, both networks in order.")(pathway)


def pathway(
    context: typer.Context, name: Name, as_of: AsOf = None, known_at: KnownAt = None, reason: Why = None
) -> None:
    """Show a person's pathway: both networks' acts in order, who leads, what is open, due, or does not fit."""
    from hub.audit.viewing import document

    session = session_of(context)
    with session.open() as hub:
        with recorded(hub, "hub pathway", reason) as look:
            found = view_of(hub, look, name, as_of, known_at)
            decided = hub.viewer.decisions(look.connection, found)
        now = hub.now()
    if session.output.as_json:
        session.output.document(document(found, decided, as_of, known_at))
    else:
        session.output.screen(*screen(found, decided, now, as_of, known_at))


def screen(
    view: View, decided: list[Event], now: datetime, as_of: datetime | None, known_at: datetime | None
) -> list[RenderableType]:
    """Lay a pathway out; what is overdue is so at the moment shown."""
    from rich.text import Text

    from hub.audit.viewing import frieze_rows
    from hub.cli.frieze import Frieze, entry
    from hub.cli.heading import agenda, heading, records
    from hub.cli.notes import notes

    shown_at = as_of or known_at or now
    parts: list[RenderableType] = [heading(view, as_of, known_at, shown_at)]
    if view.person_id is None:
        return [*parts, Text("Aucun événement à ce moment.", style="italic")]
    said = notes(view)
    entries = [entry(line, said.get(line["event_id"], ())) for line in frieze_rows(view, decided)]
    until = "aujourd'hui" if shown_at is now else "vu au"
    if view.state.lifecycle.erased is None:
        parts += [records(view), *agenda(view, shown_at)]
    parts += [Text(), Frieze(view, entries, shown_at, until)]
    return parts

"""`hub feed`: tells each network what changed of the people it has a case of, on its outbound topic."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.session import session_of
from hub.cli.stopping import Stop
from hub.cli.working import forever

if TYPE_CHECKING:
    from hub.cli.output import Output
    from hub.consumers.outbound import Told
    from hub.wiring import Hub


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("feed", short_help="Tell the networks what changed.")(feed)


def feed(
    context: typer.Context,
    until_caught_up: Annotated[
        bool, typer.Option("--until-caught-up", help="Stop when nothing more comes, instead of waiting for it.")
    ] = False,
) -> None:
    """Append to each network's outbound topic what changed of its people since it was told last.

    SIGTERM and Ctrl-C let the batch in hand finish. A second feeder waits for the first one to end, and goes on from
    there. What can pass, such as a log or a store that is away, is waited for.
    """
    session = session_of(context)
    with Stop() as stop:
        if until_caught_up:
            with session.open() as hub:
                told = caught_up(hub, session.output, stop)
        else:
            from hub.wiring.feeder import feed as work

            told = forever(session.settings(), session.output, stop, "feeding", work)
    session.output.counts(asdict(told))
    if stop.is_interrupt:
        raise KeyboardInterrupt
    if stop.signal_number and until_caught_up:
        session.output.say("stopped before the end of the ledger; what was told is noted, run it again to go on")
        raise typer.Exit(128 + stop.signal_number)


def caught_up(hub: Hub, output: Output, stop: Stop) -> Told:
    """Tell everything that the ledger holds now, and show how far it is."""
    from contextlib import closing

    from hub.ledger import ledger, outbound
    from hub.ledger.database import reading

    with reading(hub.store) as connection:
        total = ledger.last_position(connection) - outbound.position(connection)
    with closing(hub.feed()) as opened, output.progress("Feeding") as progress:
        return opened.until_caught_up(
            lambda told: progress(told.events, max(total, told.events)), lambda: bool(stop.signal_number)
        )

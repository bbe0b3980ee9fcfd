"""`hub init`: makes a data directory with its key."""

from __future__ import annotations

import typer

from hub.cli.session import session_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init", short_help="Make a data directory with its key.")(init)


def init(context: typer.Context) -> None:
    """Make the data directory: the key, the stores, the log and its topics. What exists is kept."""
    from hub.wiring import Hub

    session = session_of(context)
    settings = session.settings()
    with Hub.create(settings) as hub:
        paths = hub.paths
        key = "HUB_KEY" if settings.key is not None else str(paths.master_key.absolute())
        files = {"data": str(paths.data.absolute()), "key": key}
    if session.output.as_json:
        session.output.document(files)
        return
    session.output.line(f"The hub's data directory is {files['data']}.")
    if settings.key is not None:
        session.output.line("Its key is the one in HUB_KEY.")
    else:
        session.output.line(f"Its key is {key}, which only you can read.")
    session.output.line("Back the key up apart from the data: without it nothing that was stored can be read again.")

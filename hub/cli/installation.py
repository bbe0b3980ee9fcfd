"""`hub init`, `hub migrate`: make an installation, and bring its databases to this version of the hub."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.session import session_of


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init", short_help="Make a data directory with its key.")(init)
    app.command("migrate", short_help="Upgrade the databases to this version of the hub.")(migrate)


def init(context: typer.Context) -> None:
    """Make the data directory: the key, the stores, the log and its topics.

    What exists is kept, and upgraded to this version of the hub.
    """
    from hub.wiring import Hub
    from hub.wiring.encryption import unencrypted
    from hub.wiring.stores import is_up_to_date

    session = session_of(context)
    settings = session.settings()
    for setting, host in unencrypted(settings).items():
        session.output.say(
            f"warning: {setting} does not say whether the connection to {host} is encrypted; add sslmode=verify-full "
            "to its parameters, or sslmode=disable for a network of your own"
        )
    is_there = is_up_to_date(settings)
    with Hub.create(settings) as hub:
        paths = hub.paths
        key = "HUB_KEY" if settings.key is not None else str(paths.master_key.absolute())
        files = {"data": str(paths.data.absolute()), "key": key}
    if session.output.as_json:
        session.output.document(files)
        return
    session.output.line(f"The hub's data directory is {files['data']}.")
    if is_there:
        session.output.line("It was there already, and up to date: nothing was changed.")
    if settings.key is not None:
        session.output.line("Its key is the one in HUB_KEY.")
    else:
        session.output.line(f"Its key is {key}, which only you can read.")
    session.output.line("Back the key up apart from the data: without it nothing that was stored can be read again.")


def migrate(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 when an upgrade is due.")] = False,
) -> None:
    """Upgrade store and key store to this version of the hub, each in one transaction; back them up before.

    The read model is no part of it: when this version asks for another one, `hub rebuild` makes it.
    """
    from hub.wiring.stores import upgrade_stores

    session = session_of(context)
    revisions = upgrade_stores(session.settings(), dry_run=check)
    due = check and any(revisions.values())
    if session.output.as_json:
        word = "pending" if check else "applied"
        session.output.document({kind.replace(" ", "_"): {word: names} for kind, names in revisions.items()})
    else:
        for kind, names in revisions.items():
            session.output.line(_told(kind, names, pending=check))
    if due:
        raise typer.Exit(1)


def _told(kind: str, names: list[str], *, pending: bool) -> str:
    if not names:
        return f"The {kind} is up to date."
    listed = ", ".join(names)
    return f"The {kind} lacks {listed}; run `hub migrate`." if pending else f"The {kind} was upgraded: {listed}."

"""`hub quarantine`: records that break the contract, until someone decides."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli.recorded import recorded
from hub.cli.session import session_of
from hub.errors import ContractError, Usage

if TYPE_CHECKING:
    from hub.ledger.quarantine import Quarantined, Summary
    from hub.wiring import Hub

app = typer.Typer(name="quarantine", help="Show and decide what broke the contract.", no_args_is_help=True)

_LAST_ID = 2**63 - 1
"""SQLite counts no further."""
EntryId = Annotated[
    int,
    typer.Argument(metavar="ID", min=1, max=_LAST_ID, help="The entry's number, as `hub quarantine list` shows it."),
]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who decides.")]
_PAGE = 1_000


@app.command("list")
def list_entries(
    context: typer.Context,
    state: Annotated[
        Literal["held", "redriven", "discarded"] | None, typer.Option("--state", help="Only these.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = 100,
    after: Annotated[int, typer.Option("--after", min=0, max=_LAST_ID, metavar="ID", help="Those after this one.")] = 0,
) -> None:
    """List entries with their reason and what was wrong."""
    from hub.ledger.database import reading

    output = session_of(context).output
    with session_of(context).open() as hub, reading(hub.store) as connection:
        found = hub.quarantine.listing(connection, state, limit + 1, after)
    shown, more = found[:limit], len(found) > limit
    if output.as_json:
        output.document([each._asdict() for each in shown])
    else:
        for each in shown:
            output.line(_line(each))
    if more:
        output.say(f"there are more; --after {shown[-1].entry_id} shows those that follow")
    elif not shown:
        output.say("nothing in quarantine" if state is None else f"nothing {state} in quarantine")


def _line(entry: Summary) -> str:
    place = f"{entry.topic}/{entry.partition}/{entry.offset}"
    return f"{entry.entry_id}\t{entry.state}\t{entry.reason}\t{place}\t{entry.detail}"


@app.command(short_help="Show one entry and its decisions.")
def show(
    context: typer.Context,
    entry_id: EntryId,
    bytes_to: Annotated[
        Path | None, typer.Option("--bytes", metavar="FILE", help="Write the record's original value to this new file.")
    ] = None,
) -> None:
    """Show one entry: why it is held, its headers, the beginning of its bytes, and what was decided."""
    output = session_of(context).output
    with session_of(context).open() as hub, recorded(hub, "hub quarantine show") as look:
        look.entry.kind, look.entry.code = "quarantine", str(entry_id)
        found = hub.quarantine.show(look.connection, entry_id)
    if bytes_to is not None:
        _write(bytes_to, found)
        size = len(found.value or b"")
        output.say(f"{size:,} bytes written to {bytes_to}; they may hold personal data, remove them after use")
    document = _document(found)
    if output.as_json:
        output.document(document)
        return
    for name, value in document.items():
        if isinstance(value, list):
            output.line(f"{name}:")
            for item in value:
                output.line("  " + "  ".join(str(part) for part in item.values()))
        elif value is not None:
            output.line(f"{name}: {value}")


def _document(found: Quarantined) -> dict[str, Any]:
    value = found.value
    return {
        **found.summary._asdict(),
        "key": None if found.key is None else found.key.hex(),
        "value_bytes": None if value is None else len(value),
        "value_begins": None if value is None else value[:32].hex(" "),
        "headers": [{"name": name, "value": (text or b"").decode(errors="replace")} for name, text in found.headers],
        "decisions": [decision._asdict() for decision in found.decisions],
    }


def _write(path: Path, found: Quarantined) -> None:
    if found.value is None:
        raise Usage("the record has no value; there is nothing to write")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Usage(f"{path} exists; name a new file") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(found.value)


@app.command(short_help="Send held records through the gate again.")
def redrive(
    context: typer.Context,
    entry_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", min=1, max=_LAST_ID, help="The entry's number.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every held entry instead of one.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="CODE", help="With --all: only those held for it.")
    ] = None,
    by: By = "cli",
    note: Annotated[str, typer.Option("--note", help="What was mended.")] = "redriven from the command line",
) -> None:
    """Send held records through the gate again, once what was wrong is mended; each comes in exactly once."""
    if (entry_id is None) != every:
        raise typer.BadParameter("give one ID, or --all")
    if reason is not None and not every:
        raise typer.BadParameter("only goes with --all", param_hint="--reason")
    from hub.wiring.traces import traced

    session = session_of(context)
    results: list[dict[str, Any]] = []
    with session.open() as hub, traced():
        wanted = _held(hub, reason) if entry_id is None else [entry_id]
        with session.output.progress("Redriving") as progress:
            for done, each in enumerate(wanted, 1):
                results.append(_redriven(hub, each, by, note))
                progress(done, len(wanted))
    if session.output.as_json:
        session.output.document(results)
    else:
        for result in results:
            session.output.line(f"{result['entry_id']}\t{result['outcome']}\t{result['detail']}")
    if not results:
        session.output.say("nothing held in quarantine to redrive")
    if any(result["outcome"] == "still held" for result in results):
        raise typer.Exit(1)


def _held(hub: Hub, reason: str | None) -> list[int]:
    from hub.ledger.database import reading
    from hub.ledger.quarantine import HELD

    wanted: list[int] = []
    after = 0
    with reading(hub.store) as connection:
        while page := hub.quarantine.listing(connection, HELD, _PAGE, after):
            wanted += [entry.entry_id for entry in page if reason in {None, entry.reason}]
            after = page[-1].entry_id
    return wanted


def _redriven(hub: Hub, entry_id: int, by: str, note: str) -> dict[str, Any]:
    from hub.consumers.redrive import redrive as take

    try:
        outcome = take(hub.store, hub.quarantine, hub.gate, hub.acceptance, entry_id, by=by, note=note, now=hub.now)
    except ContractError as error:
        return {"entry_id": entry_id, "outcome": "still held", "detail": f"{error.code}: {error}"}
    return {"entry_id": entry_id, "outcome": outcome, "detail": ""}


@app.command(short_help="Decide that a record is not wanted.")
def discard(
    context: typer.Context,
    entry_id: EntryId,
    note: Annotated[str, typer.Option("--note", help="Why it is not wanted.")],
    by: By = "cli",
) -> None:
    """Decide that a held record is not wanted; it stays counted, its bytes are destroyed 90 days later."""
    from hub.ledger.database import writing
    from hub.ledger.quarantine import DISCARDED

    session = session_of(context)
    if not note.strip():
        raise typer.BadParameter("say why the record is not wanted", param_hint="--note")
    with session.open() as hub, writing(hub.store) as connection:
        hub.quarantine.decide(connection, entry_id, DISCARDED, by, note, hub.now)
    if session.output.as_json:
        session.output.document({"entry_id": entry_id, "state": DISCARDED})
    else:
        session.output.line(f"{entry_id}\t{DISCARDED}")

"""`hub explain`: why a fact is as it is: the event that set it, its source and times, the rule that chose it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.moments import day_text, moment_text, text_of_day
from hub.cli.session import session_of
from hub.cli.viewing import AsOf, KnownAt, Name, view_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from sqlalchemy import Connection

    from hub.projections.facts import Fact
    from hub.projections.view import View
    from hub.wiring import Hub


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain", short_help="Show why a fact is as it is.")(explain)


def explain(
    context: typer.Context,
    name: Name,
    fact: Annotated[
        str | None,
        typer.Argument(
            metavar="[FACT]", help="As in phase, delegation:D-12.status, need:N-1 or an event's id; without: a list."
        ),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> None:
    """Show why a fact of a pathway is as it is; without a FACT, which facts can be asked for."""
    from hub.ledger.database import reading

    session = session_of(context)
    output = session.output
    with session.open() as hub, reading(hub.store) as connection:
        view = view_of(hub, connection, name, as_of, known_at)
        if fact is not None and (rows := _rows_of(view, fact)):
            if output.as_json:
                output.document([{"fact": each.name, "value": each.value} for each in rows])
            else:
                for each in rows:
                    output.line(f"{each.name} = {_row_said(each)}")
        elif fact is not None:
            found = explanation(hub, connection, _fact_named(view, fact))
            if output.as_json:
                output.document(found)
            else:
                output.screen(*explanation_screen(found))
        elif output.as_json:
            output.document([{"fact": each.name, "value": each.value} for each in _askable(view)])
        else:
            for line in _lines_of(view):
                output.line(line)


def _fact_named(view: View, name: str) -> Fact:
    """Find a fact, or name those that are spelt nearly so."""
    from difflib import get_close_matches

    from hub.errors import NotFound
    from hub.projections.facts import fact, row_name

    try:
        return fact(view, name)
    except NotFound as error:
        known = {each.name for each in _askable(view)} | {row_name(each.model, each.row) for each in _askable(view)}
        near = get_close_matches(name, sorted(known - {""}), n=5, cutoff=0.5)
        raise NotFound(f"{error}; near it are {', '.join(near)}" if near else str(error)) from None


def _rows_of(view: View, name: str) -> list[Fact]:
    """Give the rows of a read model asked for without the id of one; none for any other name."""
    from hub.projections.facts import Fact, row_name

    found: dict[str, Fact] = {}
    for each in _askable(view):
        row = row_name(each.model, each.row)
        if each.model == name and row:
            found.setdefault(row, Fact(row, each.model, each.row, None, each.row["event_id"]))
    return list(found.values())


def _row_said(row: Fact) -> str:
    return ", ".join(said(row.model, column, value) for column, value in row.value.items())


def _askable(view: View) -> list[Fact]:
    from hub.projections.facts import facts

    return [
        each for each in facts(view) if each.model not in {"timeline", "link"} or each.column in {"label", "status"}
    ]


def _lines_of(view: View) -> list[str]:
    return [f"{each.name} = {said(each.model, each.column or '', each.value)}" for each in _askable(view)]


def said(model: str, column: str, value: Any) -> str:
    """Say a value in French."""
    from hub.projections import wording

    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return day_text(value)
    return wording.coded(model, column, value) or text_of_day(str(value))


def explanation(hub: Hub, connection: Connection, fact: Fact) -> dict[str, Any]:
    """Gather what is known about a fact: the values, the event with where and when it came in, and the rule."""
    from hub.domain.pathway.claim import FACTS
    from hub.projections import rules

    row_events = {column: fact.event_of(column) for column in fact.value} if fact.column is None else {}
    return {
        "fact": fact.name,
        "model": fact.model,
        "column": fact.column,
        "value": fact.value,
        "set_by": row_events or {fact.column: fact.event_id},
        "rule": rules.sentence(fact.model, "accepted_by" if fact.name in FACTS else fact.column),
        "event": event_of_ledger(hub, connection, fact.event_id),
    }


def event_of_ledger(hub: Hub, connection: Connection, event_id: str) -> dict[str, Any]:
    """Read an event from the ledger with its place in it and in the log.

    Raises:
        NotFound: the ledger does not hold it.
        Forgotten: its subject was erased.
    """
    from uuid import UUID

    from sqlalchemy import select

    from hub.codec.jsonform import to_json
    from hub.errors import NotFound
    from hub.ledger import ledger, tables
    from hub.ledger.moments import moment_of

    located = ledger.locate(connection, UUID(event_id).bytes)
    if located is None:
        raise NotFound(f"the ledger does not hold event {event_id}")
    entry = ledger.entry_at(connection, located.position, hub.keystore)
    columns = tables.ledger.c
    came = connection.execute(
        select(columns.topic, columns.partition, columns.offset).where(columns.position == located.position)
    ).one()
    return {
        "content": to_json(hub.codec.decode_body(entry.schema_id, entry.body)),
        "accepted_at": moment_of(entry.stamped_at),
        "position": entry.position,
        "schema_id": entry.schema_id,
        **came._mapping,
    }


def explanation_screen(found: dict[str, Any]) -> list[RenderableType]:
    """Lay an explanation out, in French."""
    import msgspec
    from rich.table import Table
    from rich.text import Text

    event = found["event"]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    for name, value in _lines(event):
        table.add_row(name, value)
    content = msgspec.json.format(msgspec.json.encode(event["content"]), indent=2).decode()
    return [
        *_values(found),
        Text.assemble(("Règle  ", "dim"), found["rule"]),
        Text(),
        table,
        Text(),
        Text(content, style="dim"),
    ]


def _values(found: dict[str, Any]) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from hub.projections import wording

    model, column = found["model"], found["column"]
    title = Text.assemble((wording.model(model).capitalize(), "bold"), (f"  {found['fact']}", "dim"))
    if column is not None:
        value = said(model, column, found["value"])
        is_code = wording.coded(model, column, found["value"]) is not None
        code = "" if value == found["value"] or not is_code else f"  ({found['value']})"
        return [title, Text.assemble(f"{wording.column(column)} : ", (value, "bold"), (code, "dim"))]
    table = Table.grid(padding=(0, 2))
    for name, value in found["value"].items():
        table.add_row(
            Text(wording.column(name)),
            Text(said(model, name, value), style="bold"),
            Text(found["set_by"][name], style="dim"),
        )
    return [title, table]


def _lines(event: dict[str, Any]) -> list[tuple[str, str]]:
    from hub.projections import labels

    content = event["content"]
    meta, kind = content["meta"], content["type"]
    site = f", site {meta['site']}" if "site" in meta else ""
    return [
        ("Événement", f"{labels.event_type(kind)} ({kind})"),
        ("Identifiant", meta["event_id"]),
        (
            "Source",
            f"{labels.network(meta['network'])}, organisme {meta['organisation']}, conseiller {meta['actor_id']}{site}",
        ),
        ("Survenu", moment_text(datetime.fromisoformat(meta["occurred_at"]))),
        ("Enregistré", moment_text(datetime.fromisoformat(meta["recorded_at"]))),
        ("Accepté", f"{moment_text(event['accepted_at'])}, position {event['position']} du registre"),
        ("Reçu par", f"{event['topic']}, partition {event['partition']}, offset {event['offset']}"),
    ]

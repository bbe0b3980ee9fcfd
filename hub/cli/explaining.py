"""`hub explain`: why a fact is as it is: the event that set it, its source and times, the rule that chose it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.moments import day_text, moment_text, text_of_day
from hub.cli.recorded import Why, recorded
from hub.cli.session import session_of
from hub.cli.viewing import AsOf, KnownAt, Name, view_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hub.cli.output import Output
    from hub.projections.facts import Fact


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
    reason: Why = None,
) -> None:
    """Show why a fact of a pathway is as it is; without a FACT, which facts can be asked for."""
    from hub.audit.viewing import fact_named, rows_named
    from hub.projections.facts import askable

    session = session_of(context)
    found = None
    with session.open() as hub, recorded(hub, "hub explain", reason) as look:
        view = view_of(hub, look, name, as_of, known_at)
        rows = list(askable(view)) if fact is None else rows_named(view, fact)
        if fact is not None and not rows:
            wanted = fact_named(view, fact, listed_by="`hub explain NAME`")
            found = hub.viewer.explanation(look.connection, wanted)
    _show(session.output, found, rows, is_list=fact is None)


def _show(output: Output, found: dict[str, Any] | None, rows: list[Fact], *, is_list: bool) -> None:
    if found is not None:
        if output.as_json:
            output.document(found)
        else:
            output.screen(*explanation_screen(found))
    elif output.as_json:
        output.document([{"fact": each.name, "value": each.value} for each in rows])
    else:
        for line in _lines_of(rows) if is_list else [f"{each.name} = {_row_said(each)}" for each in rows]:
            output.line(line)


def _row_said(row: Fact) -> str:
    return ", ".join(said(row.name, row.model, column, value) for column, value in row.value.items())


def _lines_of(facts: Iterable[Fact]) -> list[str]:
    return [f"{each.name} = {said(each.name, each.model, each.column or '', each.value)}" for each in facts]


_CLAIMED = re.compile(r"^\w+:|[/.].*$")
"""What stands around a claim's fact in a name."""


def said(name: str, model: str, column: str, value: Any) -> str:
    """Say a value in French, that of a claim by what it claims: the fact's name tells, as in `claim:commune/...`."""
    from hub.projections import remarks, wording

    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return day_text(value)
    if model in {"claim", "contradiction"} and column.endswith("value"):
        return remarks.claimed(_CLAIMED.sub("", name), str(value), day_text)
    return wording.coded(model, column, value) or text_of_day(str(value))


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
        value = said(found["fact"], model, column, found["value"])
        is_code = wording.coded(model, column, found["value"]) is not None
        code = "" if str(found["value"]) in value or not is_code else f"  ({found['value']})"
        return [title, Text.assemble(f"{wording.column(column)} : ", (value, "bold"), (code, "dim"))]
    table = Table.grid(padding=(0, 2))
    for name, value in found["value"].items():
        table.add_row(
            Text(wording.column(name)),
            Text(said(found["fact"], model, name, value), style="bold"),
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

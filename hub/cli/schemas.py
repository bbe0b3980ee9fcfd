"""`hub schemas`: the released contract, and whether a folder of schemas may be released."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.session import session_of

app = typer.Typer(name="schemas", help="Show and check the schemas of the events.", no_args_is_help=True)


@app.command("list")
def list_schemas(context: typer.Context) -> None:
    """List every released version: its id on the wire, its event, its version."""
    from hub.codec.registry import FileRegistry, bundled_schemas

    session = session_of(context)
    released = FileRegistry(session.settings().schemas or bundled_schemas()).all()
    if session.output.as_json:
        names = ("id", "event_type", "version", "subject")
        session.output.document([{name: getattr(schema, name) for name in names} for schema in released])
        return
    for schema in released:
        session.output.line(f"{schema.id}\t{schema.event_type}\t{schema.version}\t{schema.subject}")


@app.command()
def check(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="The folder; by default the hub's own schemas.")] = None,
) -> None:
    """Check every schema against all released versions, the models, and the golden bytes; exit code 1 if one fails."""
    from hub.codec.compatibility import check as findings_in
    from hub.codec.registry import bundled_schemas

    session = session_of(context)
    where = folder or session.settings().schemas or bundled_schemas()
    findings = findings_in(where)
    if session.output.as_json:
        session.output.document([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            session.output.line(str(finding))
        if not findings:
            session.output.line("the schemas are compatible with every released version and agree with the models")
    if findings:
        raise typer.Exit(1)

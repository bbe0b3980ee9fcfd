"""`hub schemas`: the released contract, bringing it to a registry, and whether a folder of schemas may be released."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.session import session_of
from hub.errors import Usage

app = typer.Typer(name="schemas", help="Show, check and register the schemas of the events.", no_args_is_help=True)


@app.command("list")
def list_schemas(context: typer.Context) -> None:
    """List every released version: id, event, version, subject, and its ids in the schema registry if there is one."""
    from hub.codec.confluent_registry import subjects_of, text_of
    from hub.wiring.registries import registry_server, released

    session = session_of(context)
    settings = session.settings()
    server = registry_server(settings)
    documents = []
    for schema in released(settings).all():
        document = {name: getattr(schema, name) for name in ("id", "event_type", "version", "subject")}
        if server is not None:
            subjects = subjects_of(schema, settings.kafka_topic_prefix)
            document["registered"] = {subject: server.find(subject, text_of(schema)) for subject in subjects}
        documents.append(document)
    if session.output.as_json:
        session.output.document(documents)
        return
    for document in documents:
        session.output.line("\t".join([*_words(document), *_registered(document)]))


def _words(document: dict[str, Any]) -> list[str]:
    return [str(document[name]) for name in ("id", "event_type", "version", "subject")]


def _registered(document: dict[str, Any]) -> list[str]:
    """Say under which ids a schema is registered, one for all its topics if they agree."""
    if "registered" not in document:
        return []
    found = dict.fromkeys("missing" if each is None else str(each) for each in document["registered"].values())
    return [", ".join(found)]


@app.command()
def register(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be registered, and change nothing.")
    ] = False,
) -> None:
    """Register every released version in the schema registry; exit code 1 if it refuses one. May be run again."""
    from hub.codec.registration import register as registrations
    from hub.wiring.registries import registry_server, released

    session = session_of(context)
    settings = session.settings()
    server = registry_server(settings)
    if server is None:
        raise Usage("there is no schema registry to register in; set HUB_REGISTRY_URL")
    found = []
    with session.output.progress("Registering") as progress:
        for outcome in registrations(server, released(settings).all(), settings.kafka_topic_prefix, dry_run=dry_run):
            found.append(outcome)
            progress(len(found), None)
    if session.output.as_json:
        session.output.document([asdict(outcome) for outcome in found])
    else:
        for each in found:
            words = (each.state, str(each.id or "-"), each.subject, str(each.version), each.detail)
            session.output.line("\t".join(words).rstrip())
    counts = Counter(outcome.state for outcome in found)
    session.output.say(
        f"{counts['new']} {'would be new' if dry_run else 'new'}, {counts['there']} there before, "
        f"{counts['refused']} refused, {counts['different']} different from what is released"
    )
    if any(outcome.failed for outcome in found):
        raise typer.Exit(1)


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

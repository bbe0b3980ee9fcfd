"""Writes the page of the event catalogue from the schemas: `python tools/describe_events.py > docs/events.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from hub.codec.registry import FileRegistry, RegisteredSchema, bundled_schemas
from hub.domain.codes import LISTS, VERSION
from hub.domain.events.base import Decision
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.ids import NETWORKS
from hub.domain.topics import DECISIONS
from hub.projections import labels

INTRODUCTION = """\
# The events

<!-- Written by tools/describe_events.py from the schemas: change those, then run it again. -->

{count} facts, all in the past tense. The Avro schemas in [`schemas/`](../schemas/README.md) are the contract. A field
marked **\\*** is health or identity data: redaction reads that mark from the schema. Marked *?*, it may be left out.
`FT` is France Travail, `CE` Cap emploi, `hub` the hub's own screens.

A network publishes its own events on its own topic, `france-travail.case-events.v1` or `cap-emploi.case-events.v1`.
People's decisions, marked *decision*, go to `{decisions}` whoever takes them, and stand where they were recorded.

The hub never refuses an event for what it says about a pathway: what does not fit is shown there as an anomaly. What
breaks the contract (a missing field, a malformed identifier, a network speaking for the other) is quarantined.
"""
ABBREVIATED = {"france_travail": "FT", "cap_emploi": "CE", "hub": "hub"}


def main() -> None:
    """Write the page to the standard output."""
    registry = FileRegistry(bundled_schemas())
    schemas = [registry.current(name) for name in EVENT_TYPES]
    sys.stdout.write("\n".join(page(schemas)) + "\n")


def page(schemas: list[RegisteredSchema]) -> Iterator[str]:
    """Give the lines of the page."""
    yield INTRODUCTION.format(count=len(schemas), decisions=DECISIONS)
    meta = next(field for field in schemas[0].definition["fields"] if field["name"] == "meta")
    yield from metadata(meta["type"])
    for subject, events in groupby(schemas, subject_of):
        yield f"\n## {subject.capitalize()}"
        for schema in events:
            yield from event(schema)
    yield from code_lists()


def subject_of(schema: RegisteredSchema) -> str:
    """Give the subject that an event's schema lies under."""
    return str(schema.definition["namespace"]).rpartition(".")[2]


def metadata(record: Mapping[str, Any]) -> Iterator[str]:
    """Give the table of the fields that every event has."""
    yield "## Metadata\n\nEvery event holds them in `meta`.\n"
    yield from fields(record["fields"])


def event(schema: RegisteredSchema) -> Iterator[str]:
    """Give what there is to say of one event."""
    name, definition = schema.event_type, schema.definition
    model = EVENT_TYPES[name]
    by = ", ".join(ABBREVIATED[network] for network in (*NETWORKS, "hub") if network in model.emitters)
    notes = [
        by,
        *(["*decision*"] if issubclass(model, Decision) else []),
        f"schema {schema.id}, version {schema.version}",
    ]
    said = definition["doc"].partition(" Stated by ")[0]
    yield f"\n### {name} · {labels.event_type(name).lower()}\n\n{said} ({'; '.join(notes)})\n"
    own = [field for field in definition["fields"] if field["name"] != "meta"]
    yield from fields(own) if own else ["No field of its own."]


def fields(of_record: list[Mapping[str, Any]]) -> Iterator[str]:
    """Give the table of a record's fields, those of the records within it behind their names."""
    yield "| Field | Type | |\n|---|---|---|"
    known: dict[str, list[Mapping[str, Any]]] = {}
    for field in of_record:
        yield from _rows(field, "", known)


def _rows(field: Mapping[str, Any], prefix: str, known: dict[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    kind, within, many = _kind(field["type"], known)
    name = f"{prefix}{field['name']}{'[]' if many else ''}"
    optional = " *?*" if "default" in field else ""
    sensitive = " **\\***" if field.get("sensitive") else ""
    listed = f" Code of [`{field['codeList']}`](#code-lists)." if "codeList" in field else ""
    yield f"| `{name}`{optional}{sensitive} | {kind} | {str(field.get('doc', '')).replace('|', '/')}{listed} |"
    for inner in within:
        yield from _rows(inner, f"{name}.", known)


def _kind(declared: Any, known: dict[str, list[Mapping[str, Any]]]) -> tuple[str, list[Mapping[str, Any]], bool]:
    """Name a type; give the fields within it, and whether there are many of it."""
    match declared:
        case ["null", inner]:
            return _kind(inner, known)
        case {"type": "array", "items": items}:
            kind, within, _ = _kind(items, known)
            return f"list of {kind}", within, True
        case {"type": "record", "fields": inner, "name": name}:
            known[f"{declared.get('namespace', '')}.{name}"] = inner
            return "record", inner, False
        case {"logicalType": logical}:
            return {"timestamp-micros": "time", "date": "day", "uuid": "uuid"}[logical], [], False
        case {"type": plain}:
            return str(plain), [], False
        case str(named) if named in known:
            return "record", known[named], False
        case _:
            return str(declared), [], False


def code_lists() -> Iterator[str]:
    """Give every code list with its French labels."""
    yield (
        f"\n## Code lists\n\nVersion {VERSION}. They grow without a new schema version; a value outside its list "
        "is accepted, shown as it is, and reported as the anomaly `unknown_code`.\n"
    )
    yield "| List | Codes |\n|---|---|"
    for name, codes in LISTS.items():
        yield f"| `{name}` | {', '.join(f'`{code}` {label}' for code, label in codes.items())} |"


if __name__ == "__main__":
    main()

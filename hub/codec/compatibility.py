"""The whole check of a schemas folder: registry, files, golden bytes, compatibility, agreement with the models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.codec.agreement import disagreements, full_name, model_shape
from hub.codec.avro import Codec
from hub.codec.evolution import Finding, compatibility
from hub.codec.framing import unframe
from hub.codec.jsonform import from_json
from hub.codec.registry import FileRegistry, RegisteredSchema, fingerprint, read_entries, read_json
from hub.codec.shape import parse
from hub.codec.updates import UpdateCodec, update_from_json
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.update import UPDATE_TYPES
from hub.errors import HubError, SchemaIncompatible, StoreCorrupt

_RESTORE = "restore the released file, and release a change as the next version"


def check(folder: Path) -> list[Finding]:
    """Check a folder of schemas; no finding means that all of it may be released as it stands.

    A file that the registry does not name yet is a candidate: it is checked against every released version, and the
    finding that remains gives the entry to add.
    """
    try:
        entries = read_entries(folder)
    except StoreCorrupt as error:
        return [Finding("registry.json", str(error), "restore it")]
    findings = [*_ids(entries), *_versions(entries)]
    for entry in entries:
        findings += _released_file(folder, entry)
    if findings:
        return findings
    registry = FileRegistry(folder)
    return [*_compatibilities(registry, entries), *_candidates(folder, registry, entries), *_models(registry)] or [
        *_golden(folder, registry)
    ]


def _ids(entries: list[dict[str, Any]]) -> Iterator[Finding]:
    counted = Counter(entry["id"] for entry in entries)
    for schema_id, count in sorted(counted.items()):
        if count > 1:
            yield Finding(
                "registry.json", f"id {schema_id} is used {count} times", "give the newer entry the next free id"
            )
    for schema_id in sorted(set(range(1, max(counted, default=0) + 1)) - set(counted)):
        yield Finding("registry.json", f"id {schema_id} is missing", "restore its entry: records carry it")


def _versions(entries: list[dict[str, Any]]) -> Iterator[Finding]:
    by_type: dict[str, list[int]] = {}
    for entry in entries:
        by_type.setdefault(entry["event_type"], []).append(entry["version"])
        if Path(entry["file"]).name != f"{entry['event_type']}.v{entry['version']}.avsc":
            yield Finding("registry.json", f"{entry['file']} is not named by its event and version", "name it so")
    for event_type, versions in by_type.items():
        if sorted(versions) != list(range(1, len(versions) + 1)):
            yield Finding(
                "registry.json", f"the versions of {event_type} are not 1 to {len(versions)}", "number them so"
            )


def _released_file(folder: Path, entry: Mapping[str, Any]) -> Iterator[Finding]:
    file = entry["file"]
    try:
        definition = read_json(folder / file)
    except StoreCorrupt as error:
        yield Finding(file, str(error), _RESTORE)
        return
    if fingerprint(definition) != entry["sha256"]:
        yield Finding(file, "the released version was edited", _RESTORE)
        return
    try:
        name = parse(definition).name
    except SchemaIncompatible as error:
        yield Finding(file, str(error), "keep to the forms of the contract")
        return
    if name != entry["subject"] or name.rpartition(".")[2] != entry["event_type"]:
        yield Finding("registry.json", f"{file} holds {name}, unlike its entry", "name subject and event of the record")


def _compatibilities(registry: FileRegistry, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    files = {entry["id"]: entry["file"] for entry in entries}
    for schema in registry.all():
        earlier = [other for other in _versions_of(registry, schema.event_type) if other.version < schema.version]
        yield from compatibility(files[schema.id], schema.definition, earlier)


def _versions_of(registry: FileRegistry, event_type: str) -> list[RegisteredSchema]:
    return [schema for schema in registry.all() if schema.event_type == event_type]


def _candidates(folder: Path, registry: FileRegistry, entries: list[dict[str, Any]]) -> Iterator[Finding]:
    registered = {entry["file"] for entry in entries}
    for path in sorted(folder.glob("**/*.avsc")):
        file = path.relative_to(folder).as_posix()
        if file in registered:
            continue
        try:
            definition = read_json(path)
        except StoreCorrupt as error:
            yield Finding(file, str(error), "correct it")
            continue
        event_type = path.name.partition(".")[0]
        found = compatibility(file, definition, _versions_of(registry, event_type))
        yield from found or [_unreleased(file, definition, len(entries) + 1)]


def _unreleased(file: str, definition: object, schema_id: int) -> Finding:
    entry = f"id {schema_id} and sha256 {fingerprint(definition)}"
    return Finding(file, "not in the registry", f"add it to registry.json with {entry}, and add its golden bytes")


def _models(registry: FileRegistry) -> Iterator[Finding]:
    known = {schema.event_type for schema in registry.all()}
    models = {**EVENT_TYPES, **UPDATE_TYPES}
    for event_type in sorted(known - models.keys()):
        yield Finding(event_type, "the schema has no model", "add the event to the catalogue")
    for event_type, model in models.items():
        if event_type not in known:
            yield Finding(full_name(model), "the model has no schema", "add its first version")
            continue
        schema = registry.current(event_type)
        for text in disagreements(model_shape(model), parse(schema.definition)):
            where = f"{schema.subject}, version {schema.version}"
            yield Finding(where, text, "change the model, or release a version that says so")


def _golden(folder: Path, registry: FileRegistry) -> Iterator[Finding]:
    codec, updates = Codec(registry), UpdateCodec(registry)
    for schema in registry.all():
        golden = folder / "golden" / f"{schema.event_type}.v{schema.version}"
        where = f"golden/{golden.name}.bin"
        try:
            value = golden.with_name(f"{golden.name}.bin").read_bytes()
            document = read_json(golden.with_name(f"{golden.name}.json"))
            is_update = schema.event_type in UPDATE_TYPES
            expected = update_from_json(document) if is_update else from_json(document)
            schema_id, _ = unframe(value)
            if schema_id != schema.id:
                yield Finding(where, f"written with id {schema_id}, the registry says {schema.id}", "keep released ids")
            elif (updates.decode(value) if is_update else codec.decode(value)) != expected:
                yield Finding(where, "no longer means what its .json says", "mend the codec or the model")
        except OSError:
            yield Finding(where, "missing", "restore it, or write it when a version is released")
        except HubError as error:
            yield Finding(where, f"no longer decoded ({error})", "mend the codec or the model")

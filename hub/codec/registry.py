"""The registry of released schemas: which id stands for which version of which event, in the ledger and on the wire."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import hub
from hub.errors import StoreCorrupt, UnknownSchema


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """One released version of one event's schema.

    `id` is the id that the release gave it: the ledger's, and the wire's unless a registry server gives ids of its own.
    `subject` is the record's full name (Confluent's TopicRecordName strategy without the topic), `version` counts from
    1 without gaps, `definition` is the schema as its JSON stands.
    """

    id: int
    subject: str
    event_type: str
    version: int
    definition: Mapping[str, Any]


class SchemaRegistry(Protocol):
    """The released schemas, and which ids stand for them on the wire."""

    def by_id(self, schema_id: int) -> RegisteredSchema:
        """Give the released schema that an id on the wire stands for.

        Raises:
            UnknownSchema: the registry does not hold it, or it is not of this release.
            RegistryUnavailable: a registry server did not answer; nothing is known about the id.
        """
        ...

    def wire_id(self, schema: RegisteredSchema, topic: str) -> int:
        """Give the id that stands for a released schema in the records of a topic.

        Raises:
            UnknownSchema: a registry server does not hold the schema.
            RegistryUnavailable: a registry server did not answer.
        """
        ...

    def current(self, event_type: str) -> RegisteredSchema:
        """Give the newest released version of an event's schema: the one that new records are written with.

        Raises:
            UnknownSchema: no version of it is released.
        """
        ...

    def all(self) -> Sequence[RegisteredSchema]:
        """Give every released version, by id."""
        ...


class SchemaIndex:
    """A registry over schemas held in memory: on the wire stand the ids that the release gave."""

    def __init__(self, schemas: Sequence[RegisteredSchema]) -> None:
        self._by_id = {schema.id: schema for schema in sorted(schemas, key=lambda schema: schema.id)}
        self._current = {schema.event_type: schema for schema in sorted(schemas, key=lambda schema: schema.version)}

    def by_id(self, schema_id: int) -> RegisteredSchema:
        """Give the schema of an id, or raise `UnknownSchema`."""
        try:
            return self._by_id[schema_id]
        except KeyError:
            raise UnknownSchema(
                f"the registry holds no schema {schema_id}; expected the id of a released version (`hub schemas list`)"
            ) from None

    def wire_id(self, schema: RegisteredSchema, topic: str) -> int:
        """Give the id that the release gave, on every topic."""
        return schema.id

    def current(self, event_type: str) -> RegisteredSchema:
        """Give the newest version of an event's schema, or raise `UnknownSchema`."""
        try:
            return self._current[event_type]
        except KeyError:
            raise UnknownSchema(f"the registry holds no schema of {event_type}; release its first version") from None

    def all(self) -> Sequence[RegisteredSchema]:
        """Give every released version, by id."""
        return tuple(self._by_id.values())


class FileRegistry(SchemaIndex):
    """The registry checked in beside the schemas: `registry.json` names id, version and file of each.

    Raises:
        StoreCorrupt: the folder does not hold a registry, or it names a file that is missing or is no JSON.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__([_load(folder, entry) for entry in read_entries(folder)])


def read_entries(folder: Path) -> list[dict[str, Any]]:
    """Read `registry.json`: a list of id, subject, event_type, version, file and sha256.

    Raises:
        StoreCorrupt: it is missing or is no such list.
    """
    entries = read_json(folder / "registry.json")
    types = {"id": int, "subject": str, "event_type": str, "version": int, "file": str, "sha256": str}
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and {key: type(value) for key, value in entry.items()} == types for entry in entries
    ):
        raise StoreCorrupt(f"registry.json of the schemas is malformed; expected a list, each with {', '.join(types)}")
    return entries


def read_json(file: Path) -> Any:
    """Read a JSON file of the schemas folder.

    Raises:
        StoreCorrupt: it cannot be read, or is no JSON.
    """
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise StoreCorrupt(f"schema file {file.name} cannot be read ({error.strerror}); restore it") from error
    except ValueError as error:
        raise StoreCorrupt(f"schema file {file.name} is no JSON; restore it from the release") from error


def _load(folder: Path, entry: Mapping[str, Any]) -> RegisteredSchema:
    definition = read_json(folder / entry["file"])
    if not isinstance(definition, dict):
        raise StoreCorrupt(f"schema file {entry['file']} holds no record; restore it from the release")
    return RegisteredSchema(entry["id"], entry["subject"], entry["event_type"], entry["version"], definition)


def fingerprint(definition: object) -> str:
    """Give the SHA-256 of a definition's canonical JSON: keys sorted, no spaces, docs and marks included."""
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def bundled_schemas() -> Path:
    """Find the schemas that this version of the hub came with: inside the installed package, or in the checkout.

    Raises:
        StoreCorrupt: neither is there.
    """
    package = Path(hub.__file__).parent
    for folder in (package / "_schemas", package.parent / "schemas"):
        if (folder / "registry.json").is_file():
            return folder
    raise StoreCorrupt("the schemas are missing from this installation; install the hub again")

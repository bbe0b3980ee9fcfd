"""Bringing the released schemas to a schema registry, under the subject of every topic on which an event may stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from hub.codec.confluent import ConfluentApi
from hub.codec.confluent_registry import subjects_of, text_of
from hub.codec.layout import layout
from hub.codec.registry import RegisteredSchema
from hub.errors import SchemaIncompatible, UnknownSchema

LEVEL = "FULL_TRANSITIVE"

State = Literal["there", "new", "refused", "different"]


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of one released version under one subject: `id` is the registry's, None where it has none.

    `there`: it was registered before. `new`: it was not; now it is, unless this was a dry run. `refused`: the registry
    does not take it. `different`: what the registry holds under the id is another schema. `detail` says why.
    """

    subject: str
    event_type: str
    version: int
    state: State
    id: int | None = None
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Tell whether records of this version cannot be written and read as released."""
        return self.state in {"refused", "different"}


def register(
    api: ConfluentApi, released: Sequence[RegisteredSchema], topic_prefix: str, *, dry_run: bool
) -> Iterator[Registration]:
    """Register every released version in the order of its event, and read each back; may be run again at any time.

    Every subject's compatibility level becomes FULL_TRANSITIVE first, whatever it was.

    Raises:
        RegistryUnavailable: the registry did not answer; what was registered so far stays, so run it again.
    """
    existing = api.subjects()
    in_order = sorted(released, key=lambda schema: (schema.event_type, schema.version))
    for _, group in groupby(in_order, key=lambda schema: schema.event_type):
        versions = list(group)
        for subject in subjects_of(versions[0], topic_prefix):
            yield from _one_subject(api, subject, versions, exists=subject in existing, dry_run=dry_run)


def _one_subject(
    api: ConfluentApi, subject: str, versions: list[RegisteredSchema], *, exists: bool, dry_run: bool
) -> Iterator[Registration]:
    if not dry_run and api.level(subject) != LEVEL:
        api.set_level(subject, LEVEL)
    for schema in versions:
        found = api.find(subject, text_of(schema)) if exists else None
        if found is not None:
            yield _read_back(api, subject, schema, found, "there")
        elif exists and not api.is_compatible(subject, text_of(schema)):
            yield _outcome(subject, schema, "refused", detail=f"it is not compatible with what {subject} holds")
        elif dry_run:
            yield _outcome(subject, schema, "new")
        else:
            exists = True
            yield _registered(api, subject, schema)


def _registered(api: ConfluentApi, subject: str, schema: RegisteredSchema) -> Registration:
    try:
        schema_id = api.register(subject, text_of(schema))
    except SchemaIncompatible as error:
        return _outcome(subject, schema, "refused", detail=str(error))
    return _read_back(api, subject, schema, schema_id, "new")


def _read_back(api: ConfluentApi, subject: str, schema: RegisteredSchema, schema_id: int, state: State) -> Registration:
    try:
        if layout(json.loads(api.schema(schema_id))) == layout(schema.definition):
            return _outcome(subject, schema, state, schema_id)
        detail = f"the registry holds another schema under id {schema_id}"
    except UnknownSchema as error:
        detail = str(error)
    except (ValueError, RecursionError, SchemaIncompatible):
        detail = f"the registry holds no Avro record under id {schema_id}"
    return _outcome(subject, schema, "different", schema_id, f"{detail}; look what else registers there")


def _outcome(
    subject: str, schema: RegisteredSchema, state: State, schema_id: int | None = None, detail: str = ""
) -> Registration:
    return Registration(subject, schema.event_type, schema.version, state, schema_id, detail)

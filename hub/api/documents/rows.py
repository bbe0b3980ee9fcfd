"""Rows of the read models as documents: generated from their columns, so that OpenAPI names every column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model
from sqlalchemy.types import TypeEngine

from hub.projections import timeline
from hub.projections.models import PERSON_MODELS
from hub.projections.readmodel import COUNT, DAY, MOMENT, TEXT, ReadModel

EVENT_ID = "01890a5d-0000-7000-8000-000000000001"
"""The event id of every example."""
SIRET = "44022013500014"
CASE = f"cap_emploi/{SIRET}/CE-1"

_TYPES: dict[TypeEngine[Any], Any] = {TEXT: str, DAY: date, MOMENT: AwareDatetime, COUNT: int}
_EXAMPLES: dict[TypeEngine[Any], Any] = {
    TEXT: "D-12",
    DAY: date(2021, 4, 1),
    MOMENT: datetime(2021, 4, 1, 9, 30, tzinfo=UTC),
    COUNT: 1,
}
_NAMED: dict[str, Any] = {
    "actor_id": "A-1",
    "organisation": "france_travail",
    "place_in_order": f"2021-04-01T09:30:00.000000+00:00 france_travail cap_emploi {SIRET} CE-1 1 {EVENT_ID}",
    "fact": "email",
    "kind": "alert",
    "rule": "delegation_unanswered",
    "about": "delegation:D-12",
    "raised_by": EVENT_ID,
    "person_id": EVENT_ID,
    "event_id": EVENT_ID,
    "voided_by": None,
    "erased": None,
    "event_type": "DelegationProposed",
    "label": "Délégation proposée",
    "phase": "accompaniment",
    "network": "france_travail",
    "status": "active",
    "site": "69244",
    "adviser": "A-1",
    "siret": SIRET,
    "rome": "K1801",
    "case_record": CASE,
    "case": CASE,
    "birth_date": "1980-02-29",
    "family_name": "Martin",
    "given_name": "Camille",
}
_NOT_YET = ("declined", "ended", "cancelled", "abandoned", "closed", "concluded", "until", "replaced", "motive")
_SUFFIXED = {"_network": "network", "_rome": "rome", "_case": "case", "_adviser": "adviser", "_site": "site"}


class Row(BaseModel):
    """A row of a read model."""

    model_config = ConfigDict(extra="forbid")


def examples_in(document: type[BaseModel]) -> list[Any]:
    """Give the examples of a document."""
    extra: Any = document.model_config.get("json_schema_extra") or {}
    found: list[Any] = extra.get("examples", [])
    return found


def example_of(columns: Sequence[tuple[str, TypeEngine[Any]]], keys: Collection[str] = ()) -> dict[str, Any]:
    """Give example values, as JSON has them; `keys` are never null."""
    found = {name: _json(_example(name, kind)) for name, kind in columns}
    return found | {name: "rqth" for name in keys if found[name] is None}


def _example(name: str, kind: TypeEngine[Any]) -> Any:
    named = next((known for suffix, known in _SUFFIXED.items() if name.endswith(suffix)), name)
    if named in _NAMED:
        return _NAMED[named]
    is_left_open = any(word in name for word in _NOT_YET) or (kind is TEXT and not name.endswith("_id"))
    return None if is_left_open else _EXAMPLES.get(kind, "D-12")


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def row_document(model: ReadModel[Any]) -> type[Row]:
    """Make the document of a read model's rows; a column is null where no event says anything, or it is not shown."""
    columns = [*model.key, *model.columns]
    keys = {name for name, _ in model.key}
    fields: dict[str, Any] = {
        name: (_TYPES[kind], ...) if name in keys else (_TYPES[kind] | None, ...) for name, kind in columns
    }
    fields["event_id"] = (str, Field(description="The event that made the row or last changed it."))
    fields["events"] = (dict[str, str], Field(description="The columns that another event set, each with that event."))
    example = {**example_of(columns, keys), "event_id": EVENT_ID, "events": {}}
    made = create_model(_camel(model.name) + "Row", __base__=Row, __doc__=f"A row of `{model.name}`.", **fields)
    made.model_config["json_schema_extra"] = {"examples": [example]}
    return made


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


ROWS: dict[str, type[Row]] = {model.name: row_document(model) for model in PERSON_MODELS}
"""The rows' documents by read model."""
MODELS: dict[str, ReadModel[Any]] = {model.name: model for model in PERSON_MODELS}


def _timeline_line() -> type[Row]:
    columns = [("case", TEXT), *timeline.COLUMNS]
    optional = {"site", "voided_by", "case", "place_in_order"}
    fields: dict[str, Any] = {
        name: ((_TYPES.get(kind, str) | None) if name in optional else _TYPES.get(kind, str), ...)
        for name, kind in columns
    }
    made = create_model("TimelineLine", __base__=Row, __doc__="One event, as its line says it.", **fields)
    made.model_config["json_schema_extra"] = {"examples": [example_of(columns)]}
    return made


TimelineLine = _timeline_line()


class LinkRow(Row):
    """Why two case records are one person's, could be, or are not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "left_case": CASE,
                    "right_case": "france_travail//12345678901",
                    "status": "linked",
                    "rule": "other_case",
                    "skipped_because": None,
                    "event_id": EVENT_ID,
                    "events": {},
                }
            ]
        }
    )

    left_case: str
    right_case: str
    status: str = Field(description="`linked`, `suggested` or `separated`.")
    rule: str
    skipped_because: str | None
    event_id: str
    events: dict[str, str]

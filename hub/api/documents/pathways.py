"""Documents of the operations about one person."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from hub.api.documents.rows import EVENT_ID, MODELS, ROWS, LinkRow, TimelineLine, examples_in
from hub.domain.access import Ground

_SEEN = {"sight": "full", "ground": "referent", "until": None}
ABOUT = {"person_id": EVENT_ID, "as_of": None, "known_at": None, "seen": _SEEN}


class Document(BaseModel):
    """A document of the API: exactly these members."""

    model_config = ConfigDict(extra="forbid")


def examples(*documents: dict[str, Any]) -> ConfigDict:
    """Give a model examples."""
    return ConfigDict(json_schema_extra={"examples": list(documents)})


class Sighted(Document):
    """How much of the person this answer shows, and on which ground."""

    model_config = examples(_SEEN)

    sight: Literal["without_health", "full"]
    ground: Ground
    until: AwareDatetime | None = Field(
        description="When it ends: 30 days after the reader's accompaniment, or when a stated reason counts no more."
    )


class About(Document):
    """Of whom a document is, as of when, and what the reader sees."""

    person_id: str | None = Field(description="Null where the pathway had no event at that moment.")
    as_of: AwareDatetime | None
    known_at: AwareDatetime | None
    seen: Sighted


class CaseRecord(Document):
    """One network's file on the person."""

    model_config = examples({"network": "cap_emploi", "scope": "44022013500014", "local_id": "CE-1"})

    network: str
    scope: str
    local_id: str


class Leading(Document):
    """A referent, who leads the pathway from a day on, and the event that names them."""

    network: str
    adviser: str
    site: str | None
    from_date: date | None
    until_date: date | None = Field(
        description="The last day on which they accompanied the person; null while they do."
    )
    event_id: str


class OpenRow(Document):
    """Something that is open: the name under which it can be explained, and its row's status."""

    fact: str
    model: str
    status: str
    event_id: str


class Undone(Document):
    """An answer that was given and then voided; `void_id` may be of a later day than a view of the past."""

    event_id: str
    void_id: str


class Expected(Document):
    """Something expected by a day; `about` names it."""

    rule: str
    about: str
    due_on: date
    is_overdue: bool
    event_id: str
    undone: list[Undone] = Field(description="The voided answers because of which it is expected again.")


class FreeText(Document):
    """A text of an adviser, and the event that holds it under this field."""

    event_id: str
    field: str
    text: str


_LISTS: dict[str, Any] = {name: (list[row], ...) for name, row in ROWS.items()}  # type: ignore[valid-type]
Tables = create_model(
    "Tables",
    __base__=Document,
    __doc__="The rows of every read model about the person.",
    **_LISTS,
)

_CASE_RECORD = {"network": "cap_emploi", "scope": "44022013500014", "local_id": "CE-1"}
_LEADING = {
    "network": "france_travail",
    "adviser": "A-1",
    "site": "69244",
    "from_date": "2021-04-01",
    "until_date": None,
    "event_id": EVENT_ID,
}


class Pathway(About):
    """A person's pathway: who leads, what is open and due, and every row that the reader may see."""

    model_config = examples(
        {
            **ABOUT,
            "erased": None,
            "phase": "accompaniment",
            "referent": _LEADING,
            "next_referent": None,
            "last_referent": None,
            "cases": [_CASE_RECORD],
            "linked_since": [],
            "open": [{"fact": "delegation:D-12", "model": "delegation", "status": "active", "event_id": EVENT_ID}],
            "due": [
                {
                    "rule": "delegation_past_end",
                    "about": "delegation:D-12",
                    "due_on": "2021-10-01",
                    "is_overdue": False,
                    "event_id": EVENT_ID,
                    "undone": [],
                }
            ],
            "tables": {name: [] for name in ROWS},
            "links": [],
            "decisions": [],
            "free_texts": [{"event_id": EVENT_ID, "field": "needs", "text": "Un poste assis"}],
        }
    )

    erased: str | None = Field(description="The reason of the erasure; nothing else is shown then.")
    phase: str | None = Field(
        description="`closed` once every case record is closed or the pathway was left, until one of them is reopened."
    )
    referent: Leading | None = Field(description="Who leads on the day; null where nobody does.")
    next_referent: Leading | None = Field(description="Who leads from a later day on, the first of them.")
    last_referent: Leading | None = Field(
        description="Who led last, where nobody does any more: their network has left the person."
    )
    cases: list[CaseRecord]
    linked_since: list[CaseRecord] = Field(
        description="In a view of the past, the case records that belong to the pathway now and did not then."
    )
    open: list[OpenRow]
    due: list[Expected]
    tables: Tables
    links: list[LinkRow]
    decisions: list[dict[str, Any]] = Field(description="People's decisions about the case records, as published.")
    free_texts: list[FreeText]


class Timeline(About):
    """A page of events in canonical order."""

    model_config = examples({**ABOUT, "items": examples_in(TimelineLine), "next": None})

    items: list[TimelineLine]  # type: ignore[valid-type]
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")


def section(model: str) -> type[About]:
    """Make the document of one read model's rows."""
    row = ROWS[model]
    made = create_model(
        row.__name__.removesuffix("Row") + "Section",
        __base__=About,
        __doc__=f"The rows of `{model}` about the person.",
        items=(list[row], ...),  # type: ignore[valid-type]
    )
    example: Any = {**ABOUT, "items": examples_in(row)}
    made.model_config["json_schema_extra"] = {"examples": [example]}
    return made


SECTIONS: dict[str, type[About]] = {name: section(name) for name in MODELS if name != "pathway"}
"""The documents of the sections by read model."""

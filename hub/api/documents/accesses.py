"""Documents of who looked at a person, of the reasons that are stated, and of the report that a person may ask for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from hub.access.grants import LONGEST_TEXT
from hub.access.recording import Kind, Outcome
from hub.api.documents.forms import WITHOUT_NIR
from hub.api.documents.pathways import ABOUT, About, CaseRecord, Document, FreeText, Tables, examples
from hub.api.documents.rows import EVENT_ID, ROWS, LinkRow
from hub.domain.access import Reason, Role

_MOMENT = "2021-04-01T09:30:00Z"
_EVENT = {
    "content": {
        "type": "DelegationProposed",
        "meta": {"event_id": EVENT_ID, "network": "france_travail", "occurred_at": _MOMENT},
        "delegation_id": "D-12",
    },
    "accepted_at": _MOMENT,
    "position": 1042,
}
_ACCESS = {
    "entry_id": "1617269400000000",
    "at": _MOMENT,
    "reader_id": "https://login.example.org|7f3c",
    "roles": ["adviser"],
    "network": "cap_emploi",
    "organisation": "44022013500014",
    "through": "GET /api/v1/pathways/{person_id}",
    "kind": "read",
    "code": None,
    "outcome": "shown",
    "ground": "delegation",
    "sight": "full",
}


class ReasonRequest(Document):
    """Why a person must be read whom the reader does not accompany."""

    model_config = examples(
        {"code": "replacement", "text": "Remplacement de ma collègue, absente cette semaine ; la personne a rappelé."}
    )

    code: Reason
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S"), WITHOUT_NIR] = Field(
        description="In the reader's words; it is sealed, and read by the data protection officer alone."
    )


class ReasonStated(Document):
    """The reason is recorded; until then it opens the person's pathway, if there is such a person."""

    model_config = examples({"code": "replacement", "until": "2021-04-01T13:30:00Z"})

    code: Reason
    until: AwareDatetime


class Access(Document):
    """One request for the person, and what it was shown."""

    model_config = examples(_ACCESS)

    entry_id: str = Field(description="The entry of the access log.")
    at: AwareDatetime
    reader_id: str
    roles: list[Role]
    network: str | None
    organisation: str | None
    through: str = Field(description="The operation or command, without any value.")
    kind: Kind
    code: str | None = Field(description="The code of the reason that was stated.")
    outcome: Outcome
    ground: str | None
    sight: Literal["nothing", "without_health", "full"]


class Accesses(Document):
    """A page of the requests for the person, newest first."""

    model_config = examples({"items": [_ACCESS], "next": None})

    items: list[Access]
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")


class RecordedEvent(Document):
    """An event as it was published, when the hub accepted it, and where it stands in the ledger."""

    model_config = examples(_EVENT)

    content: dict[str, Any]
    accepted_at: AwareDatetime
    position: int


class Report(About):
    """Everything that the hub holds about the person, and who looked."""

    model_config = examples(
        {
            **ABOUT,
            "seen": {"sight": "full", "ground": "data_protection", "until": "2021-04-01T13:30:00Z"},
            "made_at": _MOMENT,
            "erased": None,
            "cases": [{"network": "cap_emploi", "scope": "44022013500014", "local_id": "CE-1"}],
            "tables": {name: [] for name in ROWS},
            "links": [],
            "free_texts": [],
            "events": [_EVENT],
            "accesses": [_ACCESS],
        }
    )

    made_at: AwareDatetime
    erased: str | None = Field(description="The reason of the erasure; nothing else is left then.")
    cases: list[CaseRecord]
    tables: Tables
    links: list[LinkRow]
    free_texts: list[FreeText]
    events: list[RecordedEvent] = Field(description="In canonical order, voided ones and people's decisions included.")
    accesses: list[Access] = Field(description="Newest first.")

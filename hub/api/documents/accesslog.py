"""Documents of the access log as a whole, and of its alarms."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.access.recording import Counted, Kind, Outcome
from hub.api.documents.forms import StatedText

_PERSON_ID = "01890a5d-0000-7000-8000-000000000001"
_ALARM: dict[str, Any] = {
    "alarm_no": 3,
    "raised_at": "2021-04-01T09:30:00Z",
    "reader_id": "https://login.example|8f2c",
    "counted": "other",
    "people": 31,
    "most": 30,
    "entry_id": "1617269400000000",
    "released_at": None,
    "released_by": None,
}


class Document(BaseModel):
    """An answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class PersonShown(Document):
    """A person of an entry: how much of them was shown, on which ground, and how that counts."""

    person_id: str | None = Field(description="Null where the person was erased, or led to nobody.")
    sight: Literal["nothing", "without_health", "full"]
    ground: str | None
    counted: Counted | None


class LoggedEntry(Document):
    """One request for people."""

    entry_id: str
    at: AwareDatetime
    reader_id: str
    roles: list[str]
    network: str | None
    organisation: str | None
    through: str
    kind: Kind
    code: str | None = Field(description="The code of the reason that was stated.")
    outcome: Outcome
    people: list[PersonShown]


class Entries(Document):
    """A page of the access log, newest first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "entry_id": "1617269400000000",
                            "at": "2021-04-01T09:30:00Z",
                            "reader_id": "https://login.example|8f2c",
                            "roles": ["adviser"],
                            "network": "france_travail",
                            "organisation": "ft-69",
                            "through": "GET /api/v1/pathways/{person_id}",
                            "kind": "read",
                            "code": None,
                            "outcome": "shown",
                            "people": [
                                {"person_id": _PERSON_ID, "sight": "full", "ground": "referent", "counted": "own"}
                            ],
                        }
                    ],
                    "next": None,
                }
            ]
        },
    )

    items: list[LoggedEntry]
    next: str | None


class AlarmRaised(Document):
    """A reader who was stopped: after asking for so many people, of so many that are allowed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ALARM]})

    alarm_no: int
    raised_at: AwareDatetime
    reader_id: str
    counted: Counted
    people: int
    most: int
    entry_id: str
    released_at: AwareDatetime | None
    released_by: str | None


class Alarms(Document):
    """A page of alarms, newest first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"items": [_ALARM], "next": None}]})

    items: list[AlarmRaised]
    next: str | None


class Release(BaseModel):
    """Why a reader may read again."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"reason": "Reprise d'une permanence, vérifié avec la responsable du site."}]},
    )

    reason: StatedText

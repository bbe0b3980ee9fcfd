"""Documents of what an adviser, or the lead of a site, has to do."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.api.documents.searching import Leader, NextLeader
from hub.domain.access import Ground, Reason
from hub.domain.events.base import Network

_PERSON_ID = "01890a5d-0000-7000-8000-000000000001"
_WHO: dict[str, Any] = {"person_id": _PERSON_ID, "family_name": "Lefèvre", "given_name": "Zoé"}
_NEXT = Field(description="Give it as `cursor` to have the next page; null on the last one.")


def _examples(*items: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [{"items": list(items), "next": None}]})


class Document(BaseModel):
    """An answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Who(Document):
    """A person, as a list names them."""

    person_id: str
    family_name: str | None
    given_name: str | None


class MyTie(Document):
    """On which ground the reader accompanies a person."""

    ground: Ground
    from_date: date
    until_date: date | None = Field(description="The last day; access ends 30 days after it.")


class Accompanied(Who):
    """A person whom the reader accompanies, and what is to be done."""

    phase: str | None
    referent: Leader | None = Field(description="Who leads today; null where nobody does.")
    next_referent: NextLeader | None = Field(description="Who leads from a later day on.")
    networks: list[Network]
    ground: Ground
    ties: list[MyTie]
    open_items: int = Field(description="Delegations, diagnoses, requests, needs and services that are open.")
    next_due_on: date | None = Field(description="The first day by which something is expected.")
    is_overdue: bool = Field(description="That day is over.")


class Caseload(Document):
    """A page of the people whom the reader accompanies."""

    model_config = _examples(
        {
            **_WHO,
            "phase": "accompaniment",
            "referent": {"network": "france_travail", "adviser": "A-17", "site": "69123"},
            "next_referent": None,
            "networks": ["cap_emploi", "france_travail"],
            "ground": "referent",
            "ties": [{"ground": "referent", "from_date": "2021-01-11", "until_date": None}],
            "open_items": 2,
            "next_due_on": "2021-03-02",
            "is_overdue": True,
        }
    )

    items: list[Accompanied]
    next: str | None = _NEXT


class Due(Who):
    """Something expected in a person's pathway by a day."""

    rule: str
    label: str = Field(description="What is expected, in French.")
    about: str = Field(description="The row it is about, as `hub explain` names it.")
    due_on: date
    is_overdue: bool
    event_id: str = Field(description="The event that makes it expected.")


class Alerts(Document):
    """A page of what is expected, by the day it is due."""

    model_config = _examples(
        {
            **_WHO,
            "rule": "delegation_awaits_answer",
            "label": "Délégation proposée en attente de réponse",
            "about": "delegation:D-88",
            "due_on": "2021-03-02",
            "is_overdue": True,
            "event_id": "01890a5d-0000-7000-8000-000000000002",
        }
    )

    items: list[Due]
    next: str | None = _NEXT


class Said(Document):
    """What one network's case record says."""

    case_record: str
    value: str


class Contradiction(Who):
    """A fact about which the networks differ, and which nobody has settled."""

    fact: str
    label: str = Field(description="The fact's name in French.")
    france_travail: Said
    cap_emploi: Said


class Contradictions(Document):
    """A page of contradictions."""

    model_config = _examples(
        {
            **_WHO,
            "fact": "family_name",
            "label": "nom",
            "france_travail": {"case_record": "france_travail//00123456789", "value": "Lefèvre"},
            "cap_emploi": {"case_record": "cap_emploi/73282932000074/CE-5", "value": "LEFEBVRE"},
        }
    )

    items: list[Contradiction]
    next: str | None = _NEXT


class Notice(Who):
    """Someone read a person whose referent the reader is, and said why."""

    at: AwareDatetime
    reader_id: str
    network: Network | None
    organisation: str | None
    reason: Reason
    label: str = Field(description="The reason in French.")


class Notices(Document):
    """A page of notices, newest first."""

    model_config = _examples(
        {
            **_WHO,
            "at": "2021-04-01T09:30:00Z",
            "reader_id": "https://login.example|8f2c",
            "network": "cap_emploi",
            "organisation": "73282932000074",
            "reason": "replacement",
            "label": "remplacement d'un collègue",
        }
    )

    items: list[Notice]
    next: str | None = _NEXT

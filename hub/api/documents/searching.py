"""Documents of the search for people and of the intake look-up."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.api.documents.forms import Commune, Day, Name, StatedText
from hub.domain.access import Ground
from hub.domain.access import Reason as ReasonCode
from hub.domain.events.base import CaseRef, Network

_PERSON_ID = "01890a5d-0000-7000-8000-000000000001"
_BORN: dict[str, Any] = {"birth_date": "1980-05-17", "birth_place": "69381"}
_COMMUNE = "Insee code of the commune of birth; 99 and the country's three digits abroad."


def _examples(*documents: dict[str, Any]) -> dict[str, Any]:
    return {"examples": list(documents)}


class Request(BaseModel):
    """A request's body: no member beyond these."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Document(BaseModel):
    """An answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class StatedReason(Request):
    """Why the reader looks beyond the people they accompany; both are recorded."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra=_examples({"code": "replacement", "text": "Remplace A-17, en congé jusqu'à vendredi."}),
    )

    code: ReasonCode
    text: StatedText


class Identity(Request):
    """Who is looked for; names in any spelling, and never a part of one."""

    family_name: Name | None = None
    birth_name: Name | None = None
    given_name: Name | None = None
    birth_date: Day | None = None
    birth_place: Annotated[Commune | None, Field(description=_COMMUNE)] = None

    def stated(self) -> dict[str, str]:
        """Give the traits that were given, as texts."""
        names = ("family_name", "birth_name", "given_name", "birth_date", "birth_place")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}


class Search(Identity):
    """Who is looked for: by the birth date and a name at least, or by a case record."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra=_examples(
            {"family_name": "Lefèvre", "given_name": "Zoé", "birth_date": "1980-05-17"},
            {
                "case": {"network": "cap_emploi", "scope": "73282932000074", "local_id": "CE-5"},
                "reason": {"code": "replacement", "text": "Remplace A-17, en congé jusqu'à vendredi."},
            },
        ),
    )

    case: CaseRef | None = None
    reason: StatedReason | None = Field(
        default=None, description="Without it, only people whom the reader accompanies are found."
    )


class LookUp(Request):
    """The full identity of a person who asks for a first appointment; it must tell them from everyone else."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra=_examples({"family_name": "LEFEVRE", "given_name": "Zoe", **_BORN}),
    )

    family_name: Name | None = None
    birth_name: Annotated[Name | None, Field(description="The name at birth, where the person has another now.")] = None
    given_name: Name
    birth_date: Day
    birth_place: Annotated[Commune, Field(description=_COMMUNE)]

    def stated(self) -> dict[str, str]:
        """Give the traits as texts."""
        return {name: str(value) for name, value in self if value is not None}


class Leader(Document):
    """Who leads a pathway."""

    network: Network
    adviser: str
    site: str | None = None


class NextLeader(Leader):
    """Who leads a pathway from a later day on."""

    from_date: date


class LastLeader(Leader):
    """Who led a pathway last, until their network left the person."""

    until_date: date


class FoundPerson(Document):
    """A person found; what goes beyond telling who they are is for who accompanies them."""

    person_id: str
    family_name: str | None
    given_name: str | None
    birth_year: int | None
    networks: list[Network] = Field(description="Those that have a case record of the person.")
    score: int = Field(ge=0, le=100, description="How near the person is to what was asked for; 100 is exact.")
    ground: Ground = Field(description="On which ground the reader sees the person.")
    phase: str | None = Field(description="Null where the reader found the person for a reason alone.")
    referent: Leader | None = Field(description="Who leads today. Null as `phase` is, or where nobody does.")
    next_referent: NextLeader | None = Field(
        description="Who leads from a later day on. Null as `phase` is, or where nobody is named."
    )


class SearchResult(Document):
    """The people found, nearest first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=_examples(
            {
                "items": [
                    {
                        "person_id": _PERSON_ID,
                        "family_name": "Lefèvre",
                        "given_name": "Zoé",
                        "birth_year": 1980,
                        "networks": ["cap_emploi", "france_travail"],
                        "score": 100,
                        "ground": "referent",
                        "phase": "accompaniment",
                        "referent": {"network": "france_travail", "adviser": "A-17", "site": "69123"},
                        "next_referent": None,
                    }
                ]
            },
            {"items": []},
        ),
    )

    items: list[FoundPerson] = Field(max_length=20)


class NetworkLeg(Document):
    """A network's case record of the person, without its id."""

    network: Network
    status: Literal["open", "closed"]
    site: str | None
    opened_at: AwareDatetime | None


class Joining(Document):
    """How the asking network joins the pathway."""

    step: Literal["use_your_case", "register"] = Field(
        description="`use_your_case`: your network has a case record, reopen it if it is closed. `register`: register "
        "a case that names `other_case`; it then joins the pathway, and is no re-referral."
    )
    your_case: CaseRef | None
    other_case: CaseRef | None


class NoMatch(Document):
    """There is no pathway that this identity alone leads to; why is not told."""

    match: Literal[False]


class Match(Document):
    """A pathway exists: who leads it, and how to join it."""

    match: Literal[True]
    person_id: str
    is_open: bool = Field(
        description="False once the pathway was left, or all its case records are closed: it goes on with its history."
    )
    leads: Leader | None = Field(description="The referent of today; null where there is none.")
    next_referent: NextLeader | None = Field(description="Who leads from a later day on.")
    last_referent: LastLeader | None = Field(
        description="Who led last, where nobody does any more: their network has left the person."
    )
    networks: list[NetworkLeg]
    join: Joining


NO_MATCH: dict[str, Any] = {"match": False}
MATCH: dict[str, Any] = {
    "match": True,
    "person_id": _PERSON_ID,
    "is_open": True,
    "leads": {"network": "france_travail", "adviser": "A-17", "site": "69123"},
    "next_referent": None,
    "last_referent": None,
    "networks": [{"network": "france_travail", "status": "open", "site": "69123", "opened_at": "2021-01-11T08:00:00Z"}],
    "join": {
        "step": "register",
        "your_case": None,
        "other_case": {"network": "france_travail", "scope": "", "local_id": "00123456789"},
    },
}

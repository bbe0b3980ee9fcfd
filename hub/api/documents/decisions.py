"""Documents of what people decide: pairs of case records to look at, decisions, and what they came to."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.api.documents.forms import Comment
from hub.domain.events.base import CaseRef, Network

_EVENT_ID = "01890a5d-0000-7000-8000-000000000009"
_LEFT: dict[str, Any] = {"network": "cap_emploi", "scope": "73282932000074", "local_id": "CE-5"}
_RIGHT: dict[str, Any] = {"network": "france_travail", "scope": "", "local_id": "00123456789"}
_PAIR = {"left": _LEFT, "right": _RIGHT}


def _of(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", hide_input_in_errors=True, json_schema_extra={"examples": list(examples)})


class Document(BaseModel):
    """An answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Decided(BaseModel):
    """What every decision about two case records names."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    left: CaseRef
    right: CaseRef
    comment: Annotated[Comment | None, Field(description="Why, in the decider's words.")] = None

    @model_validator(mode="after")
    def _two_records(self) -> Self:
        if self.left.key == self.right.key:
            raise ValueError("left and right are the same case record; expected two different ones")
        return self


LINKED = {"kind": "link", **_PAIR, "evidence": "confirmed_by_person"}


class Link(Decided):
    """The two case records are one person's: they share one pathway from then on. Undone by `unlink`."""

    model_config = _of(LINKED)

    kind: Literal["link"]
    evidence: Literal["identity_document", "confirmed_by_person", "adviser_review"]


class Unlink(Decided):
    """They are not: each gets its own history back, and the pair is not linked again by a rule. Undone by `link`."""

    model_config = _of({"kind": "unlink", **_PAIR, "reason": "different_people"})

    kind: Literal["unlink"]
    reason: Literal["different_people", "entry_error", "doubt"]


class Reject(Decided):
    """A suggested pair is no match: it is never proposed again. Undone by `link`."""

    model_config = _of({"kind": "reject", **_PAIR})

    kind: Literal["reject"]


class Settle(BaseModel):
    """Of a fact that both networks claim, one network's claim stands until either claims something new.

    Undone by settling it for the other network.
    """

    model_config = _of(
        {
            "kind": "settle",
            "case": _RIGHT,
            "fact": "family_name",
            "kept_network": "france_travail",
            "reason": "Vu sur sa carte d'identité.",
        }
    )

    kind: Literal["settle"]
    case: CaseRef
    fact: Literal["family_name", "birth_name", "given_name", "birth_date", "birth_place", "email", "phone", "commune"]
    kept_network: Network
    reason: Comment


OfPair = Link | Unlink | Reject
"""What is decided about two case records."""
Decision = Annotated[OfPair | Settle, Field(discriminator="kind")]


class Place(Document):
    """Where the decision stands on the log."""

    topic: str
    partition: int
    offset: int


class Taken(Document):
    """The decision is durable, and takes effect once a worker has taken it in."""

    model_config = _of({"event_id": _EVENT_ID, "place": {"topic": "hub.decisions.v1", "partition": 0, "offset": 41}})

    event_id: str
    place: Place


class Effect(Document):
    """What the decision came to; each is null where the decision is of the other kind."""

    one_pathway: bool | None = Field(description="Whether the two case records share one pathway now.")
    kept_network: Network | None = Field(
        description="Whose claim stands now for the fact; null where nobody's was set."
    )


class State(Document):
    """Whether a decision has been taken in, and its effect."""

    model_config = _of(
        {
            "event_id": _EVENT_ID,
            "state": "taken_in",
            "kind": "link",
            "ledger_position": 1204,
            "effect": {"one_pathway": True, "kept_network": None},
        },
        {"event_id": _EVENT_ID, "state": "published", "kind": None, "ledger_position": None, "effect": None},
    )

    event_id: str
    state: Literal["published", "taken_in"]
    kind: Literal["link", "unlink", "reject", "settle"] | None
    ledger_position: int | None
    effect: Effect | None


class Side(Document):
    """One case record of a pair: what it says of who the person is."""

    case: CaseRef
    person_id: str | None = Field(description="Null where the reader does not accompany the person.")
    family_name: str | None
    birth_name: str | None
    given_name: str | None
    birth_date: str | None
    birth_place: str | None


class Suggested(Document):
    """Two case records that may be one person's."""

    score: int = Field(ge=0, le=100)
    reasons: list[str] = Field(description="What they have in common, in French, strongest first.")
    rule: Literal["near", "decision", "reference", "traits"] = Field(
        description="`near`: they look alike; else the rule whose link is held back."
    )
    held_back: Literal["unlinked", "separated", "ambiguous"] | None
    left: Side
    right: Side


_SAYS = {
    "family_name": "Lefèvre",
    "birth_name": None,
    "given_name": "Zoé",
    "birth_date": "1985-03-12",
    "birth_place": "69244",
}


class Suggestions(Document):
    """A page of pairs; it may be empty though there are more: then `next` leads on."""

    model_config = _of(
        {
            "items": [
                {
                    "score": 93,
                    "reasons": ["même date de naissance", "même prénom", "noms proches"],
                    "rule": "near",
                    "held_back": None,
                    "left": {**_SAYS, "case": _LEFT, "person_id": None, "family_name": "Lefebvre"},
                    "right": {**_SAYS, "case": _RIGHT, "person_id": "01890a5d-0000-7000-8000-000000000001"},
                }
            ],
            "next": None,
        }
    )

    items: list[Suggested]
    next: str | None

"""What all events share: the metadata, the marks that fields carry, and the base of every fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from hub.domain import ids
from hub.domain.ids import CaseKey, EventId, Reference, Safir, Subject


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Marks health or identity data (art. 9 GDPR or identifying); the schema carries it as `"sensitive": true`."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """Marks a text field as taking its values from a list of `hub.domain.codes`; the schema carries its name."""

    name: str


SENSITIVE = Sensitive()
UNNUMBERED_FROM = 2**62
"""Sequences from here on only order a source's events: a file that numbers nothing has neither gaps nor reuse."""
Network = Literal["france_travail", "cap_emploi"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
Text = ids.ShortText
Emitter = Literal["france_travail", "cap_emploi", "hub"]


def _utc(value: datetime) -> datetime:
    if 1900 <= value.year <= 2200:
        normalised = value.astimezone(UTC)
        if 1900 <= normalised.year <= 2200:
            return normalised
    raise ValueError("time is outside 1900 to 2200; expected an RFC 3339 time with its offset")


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class Strict(BaseModel):
    """A frozen record of the contract: no field beyond the schema's."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, ser_json_timedelta="iso8601")


class Metadata(Strict):
    """Who recorded what, about which case, and when.

    `occurred_at` is when it happened, `recorded_at` when the source system wrote it down; `sequence` counts a subject's
    events in its source, from 1 (from `UNNUMBERED_FROM` where the source does not count). `scope` and `local_id` are
    empty unless the subject is a case record.
    """

    event_id: EventId
    network: Emitter
    scope: Annotated[str, StringConstraints(max_length=14), SENSITIVE] = ""
    local_id: Annotated[str, StringConstraints(max_length=64), SENSITIVE] = ""
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    occurred_at: Moment
    recorded_at: Moment
    actor_id: Reference
    organisation: Reference
    site: Safir | None = None
    causation_id: EventId | None = None
    correlation_id: EventId | None = None


class CaseRef(Strict):
    """Names a case record in the body of an event."""

    network: Annotated[Network, SENSITIVE]
    scope: Annotated[str, StringConstraints(max_length=14), SENSITIVE] = ""
    local_id: Annotated[str, StringConstraints(max_length=64), SENSITIVE]

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        ids.check_case(self.network, self.scope, self.local_id)
        return self

    @property
    def key(self) -> CaseKey:
        """The case key that the reference stands for."""
        return CaseKey(self.network, self.scope, self.local_id)


class Event(Strict):
    """A frozen fact. `emitters` says which networks may state it."""

    emitters: ClassVar[tuple[str, ...]] = ids.NETWORKS
    meta: Metadata

    @property
    def subject(self) -> Subject:
        """What the event is about."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _emitter(self) -> Self:
        if self.meta.network not in self.emitters:
            allowed = " or ".join(self.emitters)
            raise ValueError(f"{type(self).__name__} is not for this network to state; expected {allowed}")
        return self


class CaseEvent(Event):
    """A fact that a network states about one of its own case records."""

    @property
    def case(self) -> CaseKey:
        """The case record that the fact is about."""
        return CaseKey(self.meta.network, self.meta.scope, self.meta.local_id)

    @property
    def subject(self) -> Subject:
        """The case record."""
        meta = self.meta
        return Subject("case", meta.network, meta.scope, meta.local_id)

    @model_validator(mode="after")
    def _case(self) -> Self:
        ids.check_case(self.meta.network, self.meta.scope, self.meta.local_id)
        return self


class NoCaseEvent(Event):
    """A fact without a case in its metadata."""

    @model_validator(mode="after")
    def _no_case(self) -> Self:
        if self.meta.scope or self.meta.local_id:
            raise ValueError(f"{type(self).__name__} is not about a case record; expected empty scope and local_id")
        return self


class Decision(NoCaseEvent):
    """A person's decision taken through the hub; it acts in knowledge time, so it is ordered by `recorded_at`."""

    emitters: ClassVar[tuple[str, ...]] = (*ids.NETWORKS, ids.HUB)

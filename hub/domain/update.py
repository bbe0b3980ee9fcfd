"""The update of a pathway for one network: all that the network needs to bring its own record up to date.

A whole snapshot, so that the last one of each person says everything; which fields there are is the contract of
`schemas/update/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel

from hub.domain.events.base import SENSITIVE, CodeList, Emitter, Moment, Network, Strict
from hub.domain.ids import EventId


class OwnCase(Strict):
    """One of the receiving network's own case records; `status` is open or closed, as the hub knows it."""

    scope: Annotated[str, SENSITIVE]
    local_id: Annotated[str, SENSITIVE]
    status: str


class OtherNetwork(Strict):
    """That the other network accompanies the person too: `status` is open or closed; its own ids are not told."""

    network: Network
    status: str
    site: str | None = None


class Referent(Strict):
    """The person's referent."""

    network: Network
    adviser: str
    site: str | None = None
    since: date
    event_id: EventId


class Title(Strict):
    """A title of the obligation d'emploi, as its latest record says it."""

    title: Annotated[str, CodeList("title"), SENSITIVE]
    valid_from: date
    valid_to: date | None = None
    network: Network
    event_id: EventId


class Delegation(Strict):
    """A delegation of accompaniment; `status` is proposed, active, declined, ended or cancelled."""

    delegation_id: str
    status: str
    ground: Annotated[str | None, CodeList("ground")] = None
    proposed_at: Moment | None = None
    planned_end: date | None = None
    answer_motive: Annotated[str | None, CodeList("delegation_motive")] = None
    review_outcome: Annotated[str | None, CodeList("review_outcome")] = None
    end_motive: Annotated[str | None, CodeList("delegation_motive")] = None
    site: str | None = None
    event_id: EventId


class Expertise(Strict):
    """A request for expertise; `status` is requested, delivered or declined."""

    request_id: str
    status: str
    from_network: Network | None = None
    topic: Annotated[str | None, CodeList("expertise_topic")] = None
    key_moment: Annotated[str | None, CodeList("key_moment")] = None
    ground: Annotated[str | None, CodeList("ground")] = None
    requested_at: Moment | None = None
    answered_at: Moment | None = None
    due_on: date | None = None
    summary: Annotated[str | None, SENSITIVE] = None
    decline_motive: Annotated[str | None, CodeList("delegation_motive")] = None
    event_id: EventId


class Diagnosis(Strict):
    """A network's own diagnosis in its current version."""

    network: Network
    completed_at: Moment
    adviser: str
    site: str | None = None
    themes: list[Annotated[str, CodeList("theme")]]
    needs: Annotated[str | None, SENSITIVE] = None
    constraints: Annotated[str | None, SENSITIVE] = None
    event_id: EventId


class Contribution(Strict):
    """What one network brings to a crossed diagnosis."""

    network: Network
    contributed_at: Moment
    contribution: Annotated[str | None, SENSITIVE] = None
    event_id: EventId


class CrossedDiagnosis(Strict):
    """A crossed diagnosis; `status` is opened, contributed or concluded, and only then has it a conclusion."""

    crossed_diagnosis_id: str
    status: str
    france_travail_adviser: str | None = None
    cap_emploi_adviser: str | None = None
    contributions: list[Contribution]
    modality: Annotated[str | None, CodeList("modality")] = None
    lead_network: Network | None = None
    reason: Annotated[str | None, CodeList("lead_reason")] = None
    concluded_at: Moment | None = None
    event_id: EventId


class Measure(Strict):
    """A measure in place for a compensation need."""

    measure: Annotated[str, CodeList("measure")]
    funder: Annotated[str | None, CodeList("funder")] = None
    implemented_at: Moment
    network: Network
    event_id: EventId


class Need(Strict):
    """A compensation need in its current version; `status` is identified, refined, advanced or closed."""

    need_id: str
    status: str
    phase: Annotated[str | None, CodeList("need_phase")] = None
    description: Annotated[str | None, SENSITIVE] = None
    rome: str | None = None
    siret: str | None = None
    measures: list[Measure]
    event_id: EventId


class Action(Strict):
    """An action of the joint plan, and the network that owns it."""

    action_id: str
    theme: Annotated[str, CodeList("theme")]
    title: str
    owner: Network
    due_on: date | None = None


class Plan(Strict):
    """The joint action plan in the version that stands."""

    plan_version: int
    agreed_at: Moment
    network: Network
    adviser: str
    actions: list[Action]
    event_id: EventId


class Service(Strict):
    """A service or training; `status` is prescribed, completed or abandoned."""

    service_id: str
    status: str
    service: Annotated[str | None, CodeList("service")] = None
    prescribed_by: Network | None = None
    prescribed_at: Moment | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    ended_on: date | None = None
    event_id: EventId


class FollowUp(Strict):
    """A checkpoint of a placement's lasting follow-up; `status` is awaited, held or lapsed."""

    due_on: date
    status: str
    state: Annotated[str | None, CodeList("follow_up_state"), SENSITIVE] = None
    event_id: EventId


class Placement(Strict):
    """A placement, whoever reported it: the same establishment and first day are one placement."""

    placement_id: str
    siret: str
    starts_on: date
    ends_on: date | None = None
    contract: Annotated[str, CodeList("contract")]
    rome: str | None = None
    reported_by: list[Network]
    follow_ups: list[FollowUp]
    event_id: EventId


class Retention(Strict):
    """A retention in employment; without outcome it is under way."""

    retention_id: str
    siret: str | None = None
    origin: Annotated[str | None, CodeList("retention_origin")] = None
    risk: Annotated[str | None, SENSITIVE] = None
    opened_at: Moment | None = None
    outcome: Annotated[str | None, CodeList("retention_outcome")] = None
    concluded_at: Moment | None = None
    event_id: EventId


class Claim(Strict):
    """What a network says about a fact."""

    network: Network
    value: Annotated[str, SENSITIVE]
    event_id: EventId


class Contradiction(Strict):
    """A fact about which the networks differ, with both claims; it goes when someone settles it."""

    fact: str
    claims: list[Claim]


class Cause(Strict):
    """An event since the last update: which, by whom and when."""

    event_id: EventId
    type: str
    network: Emitter
    occurred_at: Moment | None = None


class Changes(Strict):
    """What changed since the last update that this network got of the person, and by which events.

    `parts` names the fields of the update that are not what they were. `events` are the latest ones, `is_all` says
    whether they are all. Events of other people are not among them: a record can join or leave because of one.
    """

    parts: list[str]
    events: list[Cause]
    is_all: bool


class PathwayUpdated(Strict):
    """A person's pathway for one network, as it stands at a stamp of the hub's ledger, which is its version."""

    person_id: EventId
    version: int
    network: Network
    cases: list[OwnCase]
    other_network: OtherNetwork | None = None
    phase: str
    referent: Referent | None = None
    titles: list[Title]
    delegations: list[Delegation]
    expertise: list[Expertise]
    diagnoses: list[Diagnosis]
    crossed_diagnoses: list[CrossedDiagnosis]
    needs: list[Need]
    plan: Plan | None = None
    services: list[Service]
    placements: list[Placement]
    retentions: list[Retention]
    contradictions: list[Contradiction]
    is_shortened: bool
    changes: Changes


UPDATE_TYPES: Mapping[str, type[BaseModel]] = MappingProxyType({"PathwayUpdated": PathwayUpdated})
"""What the hub itself publishes for the networks, by name."""

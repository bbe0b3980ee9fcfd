"""What the API answers, as typed records.

Written by tools/write_client.py from the OpenAPI document: run it again. Members that a later hub adds are left out.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from hub.client import rows


class Document(msgspec.Struct):
    """A document of the API, or a part of one."""


class Defect(Document):
    """What is wrong with one part of a request: `pointer` is a JSON pointer into its body, or `parameter` a name."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(Document):
    """An RFC 9457 problem document."""

    type: str
    """A stable URI that names the kind of failure."""
    title: str
    status: int
    detail: str
    errors: list[Defect] | None = None


class Sighted(Document):
    """How much of the person this answer shows, and on which ground."""

    sight: str
    ground: str
    until: datetime | None
    """When it ends: 30 days after the reader's accompaniment, or when a stated reason counts no more."""


class Leading(Document):
    """A referent, who leads the pathway from a day on, and the event that names them."""

    network: str
    adviser: str
    site: str | None
    from_date: date | None
    until_date: date | None
    """The last day on which they accompanied the person; null while they do."""
    event_id: str


class CaseRecord(Document):
    """One network's file on the person."""

    network: str
    scope: str
    local_id: str


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
    undone: list[Undone]
    """The voided answers because of which it is expected again."""


class Tables(Document):
    """The rows of every read model about the person."""

    pathway: list[rows.PathwayRow]
    leg: list[rows.LegRow]
    claim: list[rows.ClaimRow]
    contradiction: list[rows.ContradictionRow]
    title: list[rows.TitleRow]
    referent: list[rows.ReferentRow]
    delegation: list[rows.DelegationRow]
    expertise: list[rows.ExpertiseRow]
    re_referral: list[rows.ReReferralRow]
    diagnosis: list[rows.DiagnosisRow]
    crossed_diagnosis: list[rows.CrossedDiagnosisRow]
    need: list[rows.NeedRow]
    need_version: list[rows.NeedVersionRow]
    need_measure: list[rows.NeedMeasureRow]
    plan: list[rows.PlanRow]
    plan_action: list[rows.PlanActionRow]
    service: list[rows.ServiceRow]
    appointment: list[rows.AppointmentRow]
    candidacy: list[rows.CandidacyRow]
    placement: list[rows.PlacementRow]
    placement_report: list[rows.PlacementReportRow]
    follow_up: list[rows.FollowUpRow]
    retention: list[rows.RetentionRow]
    adaptation: list[rows.AdaptationRow]
    transition: list[rows.TransitionRow]
    cep: list[rows.CepRow]
    alert: list[rows.AlertRow]
    accompaniment: list[rows.AccompanimentRow]


class FreeText(Document):
    """A text of an adviser, and the event that holds it under this field."""

    event_id: str
    field: str
    text: str


class Pathway(Document):
    """A person's pathway: who leads, what is open and due, and every row that the reader may see."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    erased: str | None
    """The reason of the erasure; nothing else is shown then."""
    phase: str | None
    """`closed` once every case record is closed or the pathway was left, until one of them is reopened."""
    referent: Leading | None
    """Who leads on the day; null where nobody does."""
    next_referent: Leading | None
    """Who leads from a later day on, the first of them."""
    last_referent: Leading | None
    """Who led last, where nobody does any more: their network has left the person."""
    cases: list[CaseRecord]
    linked_since: list[CaseRecord]
    """In a view of the past, the case records that belong to the pathway now and did not then."""
    open: list[OpenRow]
    due: list[Expected]
    tables: Tables
    links: list[rows.LinkRow]
    decisions: list[dict[str, Any]]
    """People's decisions about the case records, as published."""
    free_texts: list[FreeText]


class TimelineLine(Document):
    """One event, as its line says it."""

    case: str | None
    event_id: str
    event_type: str
    network: str
    occurred_at: datetime
    recorded_at: datetime
    site: str | None
    actor_id: str
    organisation: str
    place_in_order: str | None
    label: str
    voided_by: str | None


class Timeline(Document):
    """A page of events in canonical order."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    items: list[TimelineLine]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class ColumnChanged(Document):
    """A column's value before and after the event; null where it said nothing."""

    column: str
    before: Any
    after: Any


class RowChanged(Document):
    """A row that the event brought, changed or took away; changed in no column, it says the same again."""

    model: str
    fact: str
    """The row's name, as `facts` names it; empty for the pathway's own row."""
    kind: str
    columns: list[ColumnChanged]


class AlertThen(Document):
    """What did not fit, or was expected by a day."""

    kind: str
    rule: str
    about: str
    due_on: date | None


class ReferentThen(Document):
    """The referent named last by then, who may lead from a later day on."""

    network: str | None
    adviser: str
    site: str | None


class HistoryStep(Document):
    """An event, what it changed, and how the pathway stood after it."""

    number: int
    """Its place in this order, counted from 1."""
    event_id: str
    event_type: str
    label: str
    """In French: people read it."""
    network: str
    actor_id: str
    organisation: str
    site: str | None
    occurred_at: datetime
    recorded_at: datetime
    """When the network's own system recorded it."""
    accepted_at: datetime
    """When the hub took it in."""
    position: int
    """Its place in the ledger."""
    voided_by: str | None
    """The event that voids it."""
    changes: list[RowChanged]
    """Of all read models but `alert`."""
    raised: list[AlertThen]
    cleared: list[AlertThen]
    hides: bool
    """Whether it also changed what the reader is not shown."""
    phase: str | None
    referent: ReferentThen | None


class History(Document):
    """A page of a person's history in one order."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    order: str
    total: int
    """How many steps there are."""
    items: list[HistoryStep]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class NamedValue(Document):
    """A fact by its name, as in `phase` or `delegation:D-12.status`, and its value."""

    fact: str
    value: Any


class Facts(Document):
    """Every fact that can be explained."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    items: list[NamedValue]


class Recorded(Document):
    """An event as it was published, and where it stands in the ledger and in the log."""

    content: dict[str, Any]
    """What the reader may not see is `[hidden]`."""
    accepted_at: datetime
    position: int
    schema_id: int
    topic: str
    partition: int
    offset: int


class Explanation(Document):
    """Why a fact is as it is: its value, the event that set it, and the rule that chose it."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    fact: str
    model: str
    column: str | None
    """Null for a whole row."""
    value: Any
    set_by: dict[str, str]
    """The event that set each column."""
    rule: str
    """In French: advisers read it."""
    event: Recorded | None
    """Null where the event that proposes a link is about someone else."""


class EventOfPerson(Document):
    """One event about the person, and what it set that still stands."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    event: Recorded
    voided_by: str | None
    """The event that voids it."""
    sets: list[NamedValue]


class ReasonStated(Document):
    """The reason is recorded; until then it opens the person's pathway, if there is such a person."""

    code: str
    until: datetime


class Access(Document):
    """One request for the person, and what it was shown."""

    entry_id: str
    """The entry of the access log."""
    at: datetime
    reader_id: str
    roles: list[str]
    network: str | None
    organisation: str | None
    through: str
    """The operation or command, without any value."""
    kind: str
    code: str | None
    """The code of the reason that was stated."""
    outcome: str
    ground: str | None
    sight: str


class Accesses(Document):
    """A page of the requests for the person, newest first."""

    items: list[Access]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class RecordedEvent(Document):
    """An event as it was published, when the hub accepted it, and where it stands in the ledger."""

    content: dict[str, Any]
    accepted_at: datetime
    position: int


class Report(Document):
    """Everything that the hub holds about the person, and who looked."""

    person_id: str | None
    """Null where the pathway had no event at that moment."""
    as_of: datetime | None
    known_at: datetime | None
    seen: Sighted
    made_at: datetime
    erased: str | None
    """The reason of the erasure; nothing else is left then."""
    cases: list[CaseRecord]
    tables: Tables
    links: list[rows.LinkRow]
    free_texts: list[FreeText]
    events: list[RecordedEvent]
    """In canonical order, voided ones and people's decisions included."""
    accesses: list[Access]
    """Newest first."""


class PersonShown(Document):
    """A person of an entry: how much of them was shown, on which ground, and how that counts."""

    person_id: str | None
    """Null where the person was erased, or led to nobody."""
    sight: str
    ground: str | None
    counted: str | None


class LoggedEntry(Document):
    """One request for people."""

    entry_id: str
    at: datetime
    reader_id: str
    roles: list[str]
    network: str | None
    organisation: str | None
    through: str
    kind: str
    code: str | None
    """The code of the reason that was stated."""
    outcome: str
    people: list[PersonShown]


class Entries(Document):
    """A page of the access log, newest first."""

    items: list[LoggedEntry]
    next: str | None


class AlarmRaised(Document):
    """A reader who was stopped: after asking for so many people, of so many that are allowed."""

    alarm_no: int
    raised_at: datetime
    reader_id: str
    counted: str
    people: int
    most: int
    entry_id: str
    released_at: datetime | None
    released_by: str | None


class Alarms(Document):
    """A page of alarms, newest first."""

    items: list[AlarmRaised]
    next: str | None


class Leader(Document):
    """Who leads a pathway."""

    network: str
    adviser: str
    site: str | None = None


class NextLeader(Document):
    """Who leads a pathway from a later day on."""

    network: str
    adviser: str
    from_date: date
    site: str | None = None


class MyTie(Document):
    """On which ground the reader accompanies a person."""

    ground: str
    from_date: date
    until_date: date | None
    """The last day; access ends 30 days after it."""


class Accompanied(Document):
    """A person whom the reader accompanies, and what is to be done."""

    person_id: str
    family_name: str | None
    given_name: str | None
    phase: str | None
    referent: Leader | None
    """Who leads today; null where nobody does."""
    next_referent: NextLeader | None
    """Who leads from a later day on."""
    networks: list[str]
    ground: str
    ties: list[MyTie]
    open_items: int
    """Delegations, diagnoses, requests, needs and services that are open."""
    next_due_on: date | None
    """The first day by which something is expected."""
    is_overdue: bool
    """That day is over."""


class Caseload(Document):
    """A page of the people whom the reader accompanies."""

    items: list[Accompanied]
    next: str | None
    """Give it as `cursor` to have the next page; null on the last one."""


class Due(Document):
    """Something expected in a person's pathway by a day."""

    person_id: str
    family_name: str | None
    given_name: str | None
    rule: str
    label: str
    """What is expected, in French."""
    about: str
    """The row it is about, as `hub explain` names it."""
    due_on: date
    is_overdue: bool
    event_id: str
    """The event that makes it expected."""


class Alerts(Document):
    """A page of what is expected, by the day it is due."""

    items: list[Due]
    next: str | None
    """Give it as `cursor` to have the next page; null on the last one."""


class Said(Document):
    """What one network's case record says."""

    case_record: str
    value: str


class Contradiction(Document):
    """A fact about which the networks differ, and which nobody has settled."""

    person_id: str
    family_name: str | None
    given_name: str | None
    fact: str
    label: str
    """The fact's name in French."""
    france_travail: Said
    cap_emploi: Said


class Contradictions(Document):
    """A page of contradictions."""

    items: list[Contradiction]
    next: str | None
    """Give it as `cursor` to have the next page; null on the last one."""


class Notice(Document):
    """Someone read a person whose referent the reader is, and said why."""

    person_id: str
    family_name: str | None
    given_name: str | None
    at: datetime
    reader_id: str
    network: str | None
    organisation: str | None
    reason: str
    label: str
    """The reason in French."""


class Notices(Document):
    """A page of notices, newest first."""

    items: list[Notice]
    next: str | None
    """Give it as `cursor` to have the next page; null on the last one."""


class FoundPerson(Document):
    """A person found; what goes beyond telling who they are is for who accompanies them."""

    person_id: str
    family_name: str | None
    given_name: str | None
    birth_year: int | None
    networks: list[str]
    """Those that have a case record of the person."""
    score: int
    """How near the person is to what was asked for; 100 is exact."""
    ground: str
    """On which ground the reader sees the person."""
    phase: str | None
    """Null where the reader found the person for a reason alone."""
    referent: Leader | None
    """Who leads today. Null as `phase` is, or where nobody does."""
    next_referent: NextLeader | None
    """Who leads from a later day on. Null as `phase` is, or where nobody is named."""


class SearchResult(Document):
    """The people found, nearest first."""

    items: list[FoundPerson]


class LastLeader(Document):
    """Who led a pathway last, until their network left the person."""

    network: str
    adviser: str
    until_date: date
    site: str | None = None


class NetworkLeg(Document):
    """A network's case record of the person, without its id."""

    network: str
    status: str
    site: str | None
    opened_at: datetime | None


class CaseRef(Document):
    """Names a case record in the body of an event."""

    network: str
    local_id: str
    scope: str = ""


class Joining(Document):
    """How the asking network joins the pathway."""

    step: str
    """`use_your_case`: your network has a case record, reopen it if it is closed. `register`: register a case that
    names `other_case`; it then joins the pathway, and is no re-referral.
    """
    your_case: CaseRef | None
    other_case: CaseRef | None


class Match(Document):
    """A pathway exists: who leads it, and how to join it."""

    match: bool
    person_id: str
    is_open: bool
    """False once the pathway was left, or all its case records are closed: it goes on with its history."""
    leads: Leader | None
    """The referent of today; null where there is none."""
    next_referent: NextLeader | None
    """Who leads from a later day on."""
    last_referent: LastLeader | None
    """Who led last, where nobody does any more: their network has left the person."""
    networks: list[NetworkLeg]
    join: Joining


class Side(Document):
    """One case record of a pair: what it says of who the person is."""

    case: CaseRef
    person_id: str | None
    """Null where the reader does not accompany the person."""
    family_name: str | None
    birth_name: str | None
    given_name: str | None
    birth_date: str | None
    birth_place: str | None


class Suggested(Document):
    """Two case records that may be one person's."""

    score: int
    reasons: list[str]
    """What they have in common, in French, strongest first."""
    rule: str
    """`near`: they look alike; else the rule whose link is held back."""
    held_back: str | None
    left: Side
    right: Side


class Suggestions(Document):
    """A page of pairs; it may be empty though there are more: then `next` leads on."""

    items: list[Suggested]
    next: str | None


class Place(Document):
    """Where the decision stands on the log."""

    topic: str
    partition: int
    offset: int


class Taken(Document):
    """The decision is durable, and takes effect once a worker has taken it in."""

    event_id: str
    place: Place


class Effect(Document):
    """What the decision came to; each is null where the decision is of the other kind."""

    one_pathway: bool | None
    """Whether the two case records share one pathway now."""
    kept_network: str | None
    """Whose claim stands now for the fact; null where nobody's was set."""


class State(Document):
    """Whether a decision has been taken in, and its effect."""

    event_id: str
    state: str
    kind: str | None
    ledger_position: int | None
    effect: Effect | None


class SiteFigures(Document):
    """The figures of one site."""

    open: int | None
    """Proposed or active now."""
    unanswered: int | None
    """Proposed and not answered yet, now."""
    overdue: int | None
    """Unanswered, and the 15 days for an answer are over."""
    accepted: int | None
    """Accepted in the quarter."""
    declined: int | None
    """Declined in the quarter."""
    median_days: float | None
    """Median days from proposal to answer, of the quarter's answers; null where they are under 5."""
    site: str
    """The SAFIR code of the site that proposed; empty where that is not known."""
    department: str


class DepartmentFigures(Document):
    """The figures of one département, all its sites together."""

    open: int | None
    """Proposed or active now."""
    unanswered: int | None
    """Proposed and not answered yet, now."""
    overdue: int | None
    """Unanswered, and the 15 days for an answer are over."""
    accepted: int | None
    """Accepted in the quarter."""
    declined: int | None
    """Declined in the quarter."""
    median_days: float | None
    """Median days from proposal to answer, of the quarter's answers; null where they are under 5."""
    department: str


class DelegationFigures(Document):
    """What one site or département, or all of them, has of delegations; null where it may not be shown."""

    open: int | None
    """Proposed or active now."""
    unanswered: int | None
    """Proposed and not answered yet, now."""
    overdue: int | None
    """Unanswered, and the 15 days for an answer are over."""
    accepted: int | None
    """Accepted in the quarter."""
    declined: int | None
    """Declined in the quarter."""
    median_days: float | None
    """Median days from proposal to answer, of the quarter's answers; null where they are under 5."""


class DelegationReport(Document):
    """The delegations of the sites in the reader's scope.

    Counts under 5 are not shown, nor others that would give one away; what is shown does not depend on who asks.
    """

    quarter: str
    since: datetime
    until: datetime
    as_of: date
    sites: list[SiteFigures]
    departments: list[DepartmentFigures]
    """Those that are wholly in the reader's scope."""
    total: DelegationFigures | None
    """Of all sites; for a reader whose scope is everywhere."""


class Me(Document):
    """Who the token says is asking, and as what the hub takes them."""

    reader_id: str
    """By this id the access log names the reader."""
    roles: list[str]
    """Those that count: a system has none that reads people."""
    network: str | None
    adviser: str | None
    """The id by which events of the network name this adviser."""
    organisation: str | None
    sites: list[str]
    departments: list[str]
    is_system: bool
    may: list[str]
    """What the roles allow at all."""
    requests_per_minute: int


class Accounting(Document):
    """What became of every record that was read."""

    read: int
    accepted: int
    duplicate: int
    quarantined: int
    discarded: int
    adds_up: bool


class TopicLag(Document):
    """How much of a topic is still to read."""

    topic: str
    partitions: int
    held_events: int
    lag_events: int
    incidents: dict[str, str]
    """By partition, what the log lost; consumers stop there."""


class Lag(Document):
    """How far the hub is behind the log."""

    topics: list[TopicLag]
    total_events: int
    seconds: float | None
    """The age of the oldest record still to read; null where not known."""


class Quarantine(Document):
    """What is held in quarantine, by why."""

    held: int
    by_reason: dict[str, int]
    oldest_at: datetime | None


class Generation(Document):
    """The live generation of the read model."""

    number: int
    live_since: datetime | None


class Status(Document):
    """The state of the hub; no personal data."""

    ledger_position: int
    accounting: Accounting
    lag: Lag
    quarantine: Quarantine
    generation: Generation


class HeldRecord(Document):
    """A record that broke the contract, without its bytes."""

    entry_id: int
    topic: str
    partition: int
    offset: int
    reason: str
    """A stable code: why it was not taken."""
    detail: str
    """What was wrong, without a personal value."""
    received_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


class HeldRecords(Document):
    """A page of the quarantine, by entry id."""

    items: list[HeldRecord]
    next: str | None
    """The cursor of the next page, null on the last one."""


class DecisionTaken(Document):
    """What somebody decided about an entry."""

    state: str
    decided_at: datetime
    decided_by: str
    note: str


class HeaderOutline(Document):
    """A header of the record: its name where the hub knows it, and how long its value is."""

    name: str | None
    bytes: int


class FieldOutline(Document):
    """A field by its path, and what kind of value stands there."""

    path: str
    form: str


class RecordOutline(Document):
    """How the record is made; no value of it, but for what names no person and is as it should be."""

    value_bytes: int | None
    key_bytes: int | None
    headers: list[HeaderOutline]
    schema_id: int | None
    """The id in its frame; null where it has no frame."""
    event_type: str | None
    """Null where it cannot be decoded."""
    event_id: str | None
    network: str | None
    recorded_at: datetime | None
    fields: list[FieldOutline]


class HeldRecordOpened(Document):
    """An entry with its history, and how its record is made."""

    entry: HeldRecord
    decisions: list[DecisionTaken]
    """Oldest first."""
    record: RecordOutline | None
    """Null once the bytes were destroyed, 90 days after a decision."""


class Redriven(Document):
    """What became of a record that was sent through the gate again."""

    entry_id: int
    result: str
    """`accepted`: it is in the ledger. `duplicate`: the ledger had its event. `still_held`: it breaks the contract
    still, for `reason`. `busy`: others changed the same just now, try again.
    """
    reason: str | None
    detail: str | None

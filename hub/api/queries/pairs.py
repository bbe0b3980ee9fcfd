"""Two case records side by side: what is decided about them, by whom, and what a reader may decide now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select

from hub.access.guard import UNSEEN, Look
from hub.access.listing import Listed, listed
from hub.access.recording import OWN, Person
from hub.api import concerned
from hub.api.queries import caseload
from hub.api.queries.suggestions import Side, side_of
from hub.api.services import Services
from hub.audit.moments import day_in_france
from hub.domain.access import READ_AFTER, Reader, last_day_that_holds
from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.domain.ids import CaseKey, uuid_bytes
from hub.domain.pathway.leg import case_text
from hub.errors import Denied, Forgotten
from hub.ledger import accessqueries, ledger
from hub.ledger import tables as ledger_tables
from hub.ledger.texts import storable
from hub.projections import records
from hub.projections.records import CaseRow

DECIDED = frozenset({"decision", "unlinked", "rejected"})
"""The rules of links and separations that someone decided."""
MOST_LATELY = 100
"""Requests of a reader's by which decisions were taken lately, of which those still standing are looked for."""

Kind = Literal["link", "unlink", "reject"]
References = tuple[bytes, bytes]


class Decided(NamedTuple):
    """The last decision about a pair; `code` is the evidence of a link, or the reason of an unlinking."""

    event_id: str
    kind: Kind
    at: datetime
    network: str
    adviser: str | None
    code: str | None

    def is_by(self, reader: Reader) -> bool:
        """Tell whether the reader took it."""
        return reader.adviser is not None and (self.network, self.adviser) == (reader.network, reader.adviser)

    def may_be_undone(self, reader: Reader, today: date) -> bool:
        """Tell whether the reader took it, and so lately that they see it though it ended their accompaniment."""
        return self.is_by(reader) and day_in_france(self.at) >= last_day_that_holds(today)

    def is_undone_by(self, kind: Kind) -> bool:
        """Tell whether a decision only takes this one back: a link, which alone may end its taker's accompaniment.

        What is decided on that ground gives it to nobody, so that the days do not begin anew with each decision.
        """
        return (self.kind, kind) == ("link", "unlink")


class Standing(NamedTuple):
    """How two case records stand to each other.

    `rules` are those by which they are linked; `held_back` says by which rule they would be, and why they are not.
    """

    is_one_pathway: bool
    rules: tuple[str, ...]
    held_back: tuple[str, str] | None
    decided: Decided | None

    @property
    def mark(self) -> str:
        """Give a text that is another one once anything was decided."""
        return f"{int(self.is_one_pathway)}:{self.decided.event_id if self.decided else ''}"


class Pair(NamedTuple):
    """Two case records whom a reader may decide about; `legs` are the rows of the records that have one, by record."""

    left: Side
    right: Side
    standing: Standing
    legs: dict[str, Any]

    @property
    def refs(self) -> References:
        """Give the references of both records."""
        return self.left.record.subject_ref, self.right.record.subject_ref


def check(services: Services, look: Look, left: CaseKey, right: CaseKey, kind: Kind | None = None) -> None:
    """Make sure that the reader may decide about two case records, and record whom they concern.

    Args:
        kind: what they decide; without it, it is enough that they may see the records side by side.

    Raises:
        Denied: they may not, or there is no such record. The attempt is recorded.
    """
    concerned.check_pair(look, left, right, partial(_has_decided, services, look, left, right, kind))


def one_pathway(services: Services, look: Look, left: CaseKey, right: CaseKey) -> bool:
    """Tell whether two case records share one pathway, and record whom they concern.

    Raises:
        Denied: the reader sees neither person, or there is no such record. The attempt is recorded.
    """
    return concerned.one_pathway(look, left, right, partial(_has_decided, services, look, left, right))


def _has_decided(services: Services, look: Look, one: CaseKey, other: CaseKey, kind: Kind | None = None) -> bool:
    """Tell whether the reader took the decision that stands, not long ago, and `kind` only takes it back."""
    left, right = sorted((one, other))
    decided = _standing_decision(services, look, _links_between(look, left, right))
    if decided is None or not decided.may_be_undone(look.asked.reader, day_in_france(look.now)):
        return False
    return kind is None or decided.is_undone_by(kind)


def pair(services: Services, look: Look, refs: References) -> Pair:
    """Give two case records by their references, recorded for both people.

    Raises:
        Denied: the reader may not decide about them, or there is no such record. The attempt is recorded.
    """
    rows = sorted(records.by_reference(look.connection, look.tables, refs).values(), key=lambda row: row.case)
    if len(rows) < len(refs):
        look.entry.refuse(Person.nobody(" ".join(sorted(ref.hex() for ref in refs))))
        raise Denied(UNSEEN)
    left, right = rows
    check(services, look, left.case, right.case)
    people = listed(look, [row.pathway_no for row in rows if row.pathway_no is not None])
    sides = [side_of(row, people[row.pathway_no or 0]) for row in rows]
    return Pair(sides[0], sides[1], _standing(services, look, left, right), _legs(look, rows))


def _standing(services: Services, look: Look, left: CaseRow, right: CaseRow) -> Standing:
    rows = _links_between(look, left.case, right.case)
    held_back = [(row.rule, row.skipped_because) for row in rows if row.status == "suggested"]
    return Standing(
        left.pathway_no == right.pathway_no,
        tuple(row.rule for row in rows if row.status == "linked"),
        next(iter(held_back), None),
        _standing_decision(services, look, rows),
    )


def _links_between(look: Look, left: CaseKey, right: CaseKey) -> Sequence[Any]:
    link = look.tables.link
    between = link.c.left_case == case_text(left), link.c.right_case == case_text(right)
    return look.connection.execute(select(link).where(*between).order_by(link.c.status, link.c.rule)).all()


def _legs(look: Look, rows: Iterable[CaseRow]) -> dict[str, Any]:
    leg = look.tables.models["leg"]
    numbers = {row.pathway_no for row in rows}
    names = [case_text(row.case) for row in rows]
    found = look.connection.execute(select(leg).where(leg.c.pathway_no.in_(numbers), leg.c.case_record.in_(names)))
    return {row.case_record: row for row in found}


def _standing_decision(services: Services, look: Look, links: Sequence[Any]) -> Decided | None:
    decisions = [row.event_id for row in links if row.rule in DECIDED]
    located = ledger.locate(look.connection, uuid_bytes(decisions[0])) if decisions else None
    return None if located is None else decision_at(services, look.connection, located.position)


def decision_at(services: Services, connection: Connection, position: int) -> Decided | None:
    """Give the decision about two case records at a position; None where there is another event, or an erased one."""
    try:
        entry = ledger.entry_at(connection, position, services.keystore)
    except Forgotten:
        return None
    event = services.codec.decode_body(entry.schema_id, entry.body)
    if not isinstance(event, PairDecision):
        return None
    kind, code = _said(event)
    meta = event.meta
    return Decided(meta.event_id, kind, meta.recorded_at, meta.network, meta.actor_id, code)


def _said(event: PairDecision) -> tuple[Kind, str | None]:
    match event:
        case RecordsLinked():
            return "link", event.evidence
        case RecordsUnlinked():
            return "unlink", event.reason
        case MatchRejected():
            return "reject", None
        case _:
            raise TypeError(f"{type(event).__name__} is no decision about two case records")


class Recent(NamedTuple):
    """A decision, the person whom it names, and the case records that it is about; the other may be another's.

    The person is the reader's, or was until the reader decided.
    """

    decided: Decided
    whose: Listed
    mine: CaseRow
    other: CaseRow


def recent(services: Services, look: Look, limit: int) -> list[Recent]:
    """Give the decisions that stand about the reader's people, and the reader's own of late, newest first, recorded."""
    theirs = _decided_links(look)
    lately = {event_id: both for event_id, both in _decided_lately(look).items() if event_id not in theirs}
    found = [each for links in (theirs, lately) for each in _with_records(services, look, _newest(look, links, limit))]
    shown = [each for _, each in sorted(found, key=lambda each: each[0], reverse=True)[:limit]]
    look.entry.list([(each.whose.person, each.whose.verdict) for each in shown if each.whose.verdict.ground in OWN])
    for each in shown:
        if each.whose.verdict.ground not in OWN:
            look.entry.read(each.whose.person, concerned.TO_DECIDE)
    return shown


def _decided_links(look: Look) -> dict[str, tuple[str, str]]:
    """Give the pairs of the decisions about the caseload's case records, by event id: as many as people took."""
    link, record = look.tables.link.c, look.tables.case_record.c
    # As `case_text` writes a case key.
    text = record.network + "/" + record.scope + "/" + record.local_id
    own = caseload.is_of(look, record.pathway_no)
    return {
        row.event_id: (row.left_case, row.right_case)
        for column in (link.left_case, link.right_case)
        for row in look.connection.execute(
            select(link.event_id, link.left_case, link.right_case)
            .join_from(look.tables.case_record, look.tables.link, column == text)
            .where(own, link.rule.in_(DECIDED))
        )
    }


def _decided_lately(look: Look) -> dict[str, tuple[str, str]]:
    """Give the pairs of the decisions about case records that the reader decided about lately, by event id."""
    reader_id, since = storable(look.asked.reader.reader_id), look.now - READ_AFTER - timedelta(days=1)
    logged = accessqueries.entries(look.connection, reader_id=reader_id, kind="decide", since=since, limit=MOST_LATELY)
    refs = {person.subject_ref for entry in logged if entry.outcome == "shown" for person in entry.people}
    rows = records.by_reference(look.connection, look.tables, refs)
    names = {case_text(row.case) for row in rows.values()}
    link = look.tables.link.c
    return {
        row.event_id: (row.left_case, row.right_case)
        for column in (link.left_case, link.right_case)
        for row in records.select_in(
            look.connection, (link.event_id, link.left_case, link.right_case, link.rule), column, names
        )
        if row.rule in DECIDED
    }


def _newest(look: Look, links: dict[str, tuple[str, str]], limit: int) -> list[tuple[int, tuple[str, str]]]:
    ids = ledger_tables.event_id.c
    keys = {uuid_bytes(event_id): pair for event_id, pair in links.items()}
    rows = records.select_in(look.connection, (ids.event_id, ids.position), ids.event_id, keys)
    return sorted(((row.position, keys[row.event_id]) for row in rows), reverse=True)[:limit]


def _with_records(
    services: Services, look: Look, links: list[tuple[int, tuple[str, str]]]
) -> Iterator[tuple[int, Recent]]:
    """Give decisions by position; of those about nobody of the reader's, the ones that the reader may undo."""
    reader, today = look.asked.reader, day_in_france(look.now)
    cases = {CaseKey(*text.split("/")) for _, both in links for text in both}
    rows = records.named(look.connection, look.tables, cases)
    people = listed(look, {row.pathway_no or 0 for row in rows.values()})
    mine = set(look.accompanied(reader))
    for position, both in links:
        decided = decision_at(services, look.connection, position)
        pair = [rows[CaseKey(*text.split("/"))] for text in both]
        first, second = sorted(pair, key=lambda row: (row.pathway_no not in mine, row.case.network != reader.network))
        whose = people.get(first.pathway_no or 0)
        if decided is None or whose is None:
            continue
        if first.pathway_no in mine or decided.may_be_undone(reader, today):
            yield position, Recent(decided, whose, first, second)

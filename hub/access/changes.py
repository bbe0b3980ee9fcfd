"""What changed of whom, for those who may know: pages of the ledger's tail, with each reader's own people alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from hub.access.recording import Person
from hub.access.ties import tied_to
from hub.audit.moments import day_in_france
from hub.domain.access import Reader, Sight, Tie, Verdict, sees
from hub.domain.ids import HUB
from hub.domain.topics import OF_NETWORK
from hub.ledger import bulk, relinked, tail
from hub.ledger.moments import moment_of
from hub.ledger.tail import Head
from hub.projections import pairing
from hub.projections.pairing import Pairing
from hub.projections.records import chunks, of_pathways, select_in
from hub.projections.tables import Tables

_NETWORK_OF = {topic: network for network, topic in OF_NETWORK.items()}


class Change(NamedTuple):
    """What one position of the ledger changed for a reader's people; `document` is what they are told.

    `pairing` is the decision about two case records that the event is, if it stands. `is_aside`: it is kept with the
    record of somebody else and changed the company of nobody of the reader's, but the other record is theirs.
    """

    position: int
    document: dict[str, Any]
    people: tuple[tuple[Person, Verdict], ...]
    pairing: Pairing | None = None
    is_aside: bool = False


class Page(NamedTuple):
    """A stretch of the ledger: up to where it goes, and what changed for each reader that was asked about."""

    reached: int
    changes: list[list[Change]]


class _Spot(NamedTuple):
    """A position: its event, the pathway that it is about, those that it gave other case records, and a decision's."""

    head: Head
    about: int | None
    regrouped: tuple[int, ...]
    pairing: Pairing | None

    @property
    def aside(self) -> set[int]:
        """Give the pathways of a decision's records that it is neither about nor gave others."""
        records = () if self.pairing is None else (self.pairing.left, self.pairing.right)
        return {row.pathway_no for row in records if row.pathway_no is not None} - {self.about, *self.regrouped}


class _Known(NamedTuple):
    """What is told of the pathways and events of a page."""

    person_ids: Mapping[int, str]
    people: Mapping[int, Person]
    moments: Mapping[str, datetime]


def read(
    connection: Connection, tables: Tables, readers: Sequence[Reader], after: int, limit: int, now: datetime
) -> Page:
    """Read up to `limit` positions after one, in the caller's snapshot; who may know is decided as of now."""
    heads = tail.after(connection, after, limit)
    if not heads:
        return Page(after, [[] for _ in readers])
    reached = heads[-1].position
    spots = list(_spots(connection, tables, heads, relinked.between(connection, after, reached)))
    touched = {number for spot in spots for number in (spot.about, *spot.regrouped, *spot.aside) if number is not None}
    ties = _Ties(tied_to(connection, tables, touched, day_in_france(now)))
    seen = [ties.seen_by(reader, now) for reader in readers]
    known = _known(connection, tables, {number for one in seen for number in one}, spots)
    return Page(reached, [list(_changes(spots, verdicts, known)) for verdicts in seen])


class _Ties:
    """The ties of a page's pathways, found by adviser and by site: most readers have none of them."""

    def __init__(self, held: Iterable[tuple[int, Tie]]) -> None:
        self._of: dict[int, list[Tie]] = {}
        self._by_adviser: dict[tuple[str, str], set[int]] = {}
        self._by_site: dict[tuple[str, str | None], set[int]] = {}
        for number, tie in held:
            self._of.setdefault(number, []).append(tie)
            self._by_adviser.setdefault((tie.network, tie.adviser), set()).add(number)
            self._by_site.setdefault((tie.network, tie.site), set()).add(number)

    def seen_by(self, reader: Reader, now: datetime) -> dict[int, Verdict]:
        """Give the pathways that a reader accompanies or leads the site of, and what they see of each."""
        network = reader.network or ""
        numbers = set(self._by_adviser.get((network, reader.adviser or ""), ()))
        for site in reader.sites:
            numbers |= self._by_site.get((network, site), set())
        found = {number: sees(reader, self._of[number], day_in_france(now), has_reason=False) for number in numbers}
        return {number: verdict for number, verdict in found.items() if verdict.sight is not Sight.NOTHING}


def _spots(
    connection: Connection, tables: Tables, heads: Sequence[Head], moved: Sequence[relinked.Relinked]
) -> Iterator[_Spot]:
    case = tables.case_record.c
    refs = {head.subject_ref for head in heads} | {each.subject_ref for each in moved}
    rows = select_in(connection, (case.subject_ref, case.pathway_no), case.subject_ref, sorted(refs))
    pathway_of = {row.subject_ref: row.pathway_no for row in rows}
    regrouped: dict[int, set[int]] = {}
    for position, ref in moved:
        if (number := pathway_of.get(ref)) is not None:
            regrouped.setdefault(position, set()).add(number)
    decisions = [(head.event_id, head.subject_ref) for head in heads if head.event_type in pairing.TYPES]
    pairings = pairing.standing(connection, tables, decisions) if decisions else {}
    for head in heads:
        about = pathway_of.get(head.subject_ref)
        others = tuple(sorted(regrouped.get(head.position, set()) - {about}))
        yield _Spot(head, about, others, pairings.get(head.event_id))


def _known(connection: Connection, tables: Tables, numbers: Collection[int], spots: Sequence[_Spot]) -> _Known:
    pathway = tables.models["pathway"].c
    rows = select_in(connection, (pathway.pathway_no, pathway.person_id), pathway.pathway_no, sorted(numbers))
    members = of_pathways(connection, tables, sorted(numbers))
    cases = [row.case_no for of in members.values() for row in of]
    wanted = [_event_id(spot.head) for spot in spots if spot.about in numbers]
    return _Known(
        {row.pathway_no: row.person_id for row in rows},
        {number: Person.with_cases(of) for number, of in members.items()},
        _moments(connection, tables, cases, wanted),
    )


def _moments(
    connection: Connection, tables: Tables, cases: Sequence[int], event_ids: Sequence[str]
) -> dict[str, datetime]:
    line = tables.timeline.c
    among = (bulk.among(connection, line.case_no, "cases"), bulk.among(connection, line.event_id, "events"))
    query = select(line.event_id, line.occurred_at).where(*among)
    found: dict[str, datetime] = {}
    for some in chunks(cases):
        for row in connection.execute(query, {"cases": some, "events": list(event_ids)}):
            found[row.event_id] = row.occurred_at
    return found


def _changes(spots: Iterable[_Spot], seen: Mapping[int, Verdict], known: _Known) -> Iterator[Change]:
    for spot in spots:
        head, about, regrouped, decision = spot
        touched = (*regrouped,) if about is None else (about, *regrouped)
        mine = [number for number in touched if number in seen and number in known.person_ids]
        aside = [number for number in sorted(spot.aside) if number in seen and number in known.person_ids]
        told = mine or aside
        if not told:
            continue
        document = {
            "position": head.position,
            "accepted_at": moment_of(head.stamped_at),
            "event": _told(head, known) if about in mine else None,
            "people": [{"person_id": known.person_ids[number], "is_regrouped": number in regrouped} for number in told],
        }
        people = tuple((known.people[number], seen[number]) for number in told)
        yield Change(head.position, document, people, decision, is_aside=not mine)


def _told(head: Head, known: _Known) -> dict[str, Any]:
    event_id = _event_id(head)
    return {
        "event_id": event_id,
        "type": head.event_type,
        "network": _NETWORK_OF.get(head.topic, HUB),
        "occurred_at": known.moments.get(event_id),
    }


def _event_id(head: Head) -> str:
    return str(UUID(bytes=head.event_id))

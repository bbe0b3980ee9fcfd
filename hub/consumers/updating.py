"""What the networks must be told of the people whom some events concern: compared with what they were told before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from hub.domain import snapshot
from hub.domain.ids import HUB, NETWORKS, uuid_bytes
from hub.domain.pathway.pathway import Pathway
from hub.domain.snapshot import Parts
from hub.domain.topics import OF_NETWORK
from hub.domain.update import PathwayUpdated
from hub.ledger import outbound, tail
from hub.ledger.outbound import Looked, Recipient, Sent
from hub.ledger.tail import Head
from hub.projections import records
from hub.projections.engine import load_states
from hub.projections.records import CaseRow
from hub.projections.tables import Tables

CAUSES = 50
"""Events that an update names at most."""
_DIGEST_BYTES = 8
_NETWORK_OF = {topic: network for network, topic in OF_NETWORK.items()}
_encode = msgspec.msgpack.Encoder(order="sorted").encode


class Span(NamedTuple):
    """Positions: events after the first, up to the second, are looked at; the state is that of the last.

    `version` is the last one's stamp. It grows with the positions, and unlike these also over a restore from a backup,
    after which positions are given once more.
    """

    after: int
    reached: int
    last: int
    version: int


@dataclass(slots=True)
class Findings:
    """What is to be told, and to be noted with it.

    `updates` has the update for each recipient, None to forget the person; `sent` what to note of it. `withheld` counts
    the updates that would only tell a network what it stated itself.
    """

    updates: dict[Recipient, PathwayUpdated | None] = field(default_factory=dict)
    sent: dict[Recipient, Sent | None] = field(default_factory=dict)
    looked: dict[bytes, Looked | None] = field(default_factory=dict)
    withheld: int = 0


class _Person(NamedTuple):
    """A person with their case records; `is_as_before`: the same ones were looked at under the same id before."""

    person_id: str
    state: Pathway
    members: Mapping[bytes, CaseRow]
    is_as_before: bool


class _Due(NamedTuple):
    """A recipient's parts that are not what was sent before, or were never sent."""

    person: _Person
    recipient: Recipient
    parts: Parts
    digests: Mapping[str, bytes]
    before: Sent | None


class Looking:
    """One look at the live generation, in the caller's snapshot."""

    def __init__(self, connection: Connection, tables: Tables, span: Span) -> None:
        self._connection = connection
        self._tables = tables
        self._span = span

    def find(self, refs: Collection[bytes], in_doubt: Collection[Recipient] = ()) -> Findings:
        """Find what the networks must be told of the people whose case records these are.

        Recipients `in_doubt` are told once more, whatever they were told.
        """
        members, known = self._reach(refs)
        people = list(self._people(members, known))
        found = Findings()
        found.looked = dict.fromkeys((row.subject_ref for rows in members.values() for row in rows), None)
        for person in people:
            looked = Looked(uuid_bytes(person.person_id), self._span.last)
            found.looked |= dict.fromkeys(person.members, looked)
        live = {uuid_bytes(person.person_id) for person in people}
        before = outbound.sent_to(self._connection, live.union(looked.person_id for looked in known.values()))
        due = list(_due(people, before, found, frozenset(in_doubt)))
        for recipient in {*before, *in_doubt}:
            if recipient.person_id not in live:
                found.updates[recipient] = found.sent[recipient] = None
        self._tell(due, found, frozenset(in_doubt))
        return found

    def _reach(self, refs: Collection[bytes]) -> tuple[dict[int, list[CaseRow]], dict[bytes, Looked]]:
        """Give the pathways of case records and of all that were looked at under the same people, with what is known.

        So whoever once shared an id is looked at together, and an id that nobody has any more is seen to be nobody's.
        """
        members: dict[int, list[CaseRow]] = {}
        known: dict[bytes, Looked] = {}
        people: set[bytes] = set()
        frontier = set(refs)
        while frontier:
            rows = records.by_reference(self._connection, self._tables, frontier)
            numbers = {row.pathway_no for row in rows.values() if row.pathway_no is not None} - members.keys()
            found = records.of_pathways(self._connection, self._tables, numbers)
            members |= found
            reached = frontier.union(row.subject_ref for of in found.values() for row in of)
            known |= outbound.looked_at(self._connection, reached)
            others = {known[ref].person_id for ref in reached if ref in known} - people
            people |= others
            sharing = outbound.looked_at_as(self._connection, others)
            known |= sharing
            seen = {row.subject_ref for of in members.values() for row in of}
            frontier = sharing.keys() - seen - reached
        return members, known

    def _people(self, members: Mapping[int, list[CaseRow]], known: Mapping[bytes, Looked]) -> Iterator[_Person]:
        told: dict[bytes, set[bytes]] = {}
        for ref, looked in known.items():
            told.setdefault(looked.person_id, set()).add(ref)
        for number, state in load_states(self._connection, self._tables, members).items():
            of = {row.subject_ref: row for row in members[number]}
            is_as_before = told.get(uuid_bytes(state.person_id)) == of.keys()
            yield _Person(state.person_id, state, of, is_as_before)

    def _tell(self, due: list[_Due], found: Findings, in_doubt: frozenset[Recipient]) -> None:
        heads = self._heads(due)
        moments = self._moments(due)
        for person, recipient, parts, digests, before in due:
            since = before.position if before else self._span.after
            caused = [head for ref in person.members for head in heads.get(ref, ()) if head.position > since]
            caused.sort()
            changed = _changed(digests, before.parts if before else {}, parts)
            if before and recipient not in in_doubt and _is_its_own(person, recipient.network, caused, changed):
                found.withheld += 1
                continue
            causes = [_cause(head, moments) for head in caused[-CAUSES:]]
            changes = {"parts": changed, "events": causes, "is_all": len(caused) <= CAUSES}
            found.sent[recipient] = Sent(self._span.last, digests)
            found.updates[recipient] = PathwayUpdated.model_validate(
                {
                    "person_id": person.person_id,
                    "version": self._span.version,
                    "network": recipient.network,
                    **parts,
                    "is_shortened": False,
                    "changes": changes,
                }
            )

    def _heads(self, due: list[_Due]) -> dict[bytes, list[Head]]:
        """Give what was accepted about these people since what was sent last, by case record."""
        refs = {ref for each in due for ref in each.person.members}
        since = min((each.before.position if each.before else self._span.after for each in due), default=0)
        by_ref: dict[bytes, list[Head]] = {}
        for head in tail.about(self._connection, refs, after_position=since, up_to=self._span.last):
            by_ref.setdefault(head.subject_ref, []).append(head)
        return by_ref

    def _moments(self, due: list[_Due]) -> dict[str, datetime]:
        """Give when the events of these people happened, by id."""
        line = self._tables.timeline.c
        cases = {row.case_no for each in due for row in each.person.members.values()}
        rows = records.select_in(self._connection, (line.event_id, line.occurred_at), line.case_no, sorted(cases))
        return {row.event_id: row.occurred_at for row in rows}


def _due(
    people: Collection[_Person], before: Mapping[Recipient, Sent], found: Findings, in_doubt: frozenset[Recipient]
) -> Iterator[_Due]:
    """Compare what each network should have been told with what it was; note whom it must forget."""
    for person in people:
        for network in NETWORKS:
            recipient = Recipient(uuid_bytes(person.person_id), network)
            sent, parts = before.get(recipient), snapshot.parts(person.state, network)
            if parts is None:
                if sent is not None or recipient in in_doubt:
                    found.updates[recipient] = found.sent[recipient] = None
                continue
            digests = {
                name: blake2b(_encode(value), digest_size=_DIGEST_BYTES).digest() for name, value in parts.items()
            }
            if sent is None or sent.parts != digests or recipient in in_doubt:
                yield _Due(person, recipient, parts, digests, sent)


def _changed(digests: Mapping[str, bytes], before: Mapping[str, bytes], parts: Parts) -> list[str]:
    """Name the parts that are not what they were; in a first update, those that say something."""
    if before:
        return sorted(name for name, digest in digests.items() if before.get(name) != digest)
    return sorted(name for name, value in parts.items() if value not in (None, []))


def _is_its_own(person: _Person, network: str, caused: Collection[Head], changed: Collection[str]) -> bool:
    """Tell whether an update would tell a network only what it stated itself, about the same case records as before."""
    if not person.is_as_before or not caused or not snapshot.STATED.issuperset(changed):
        return False
    return all(head.topic == OF_NETWORK[network] for head in caused)


def _cause(head: Head, moments: Mapping[str, datetime]) -> Parts:
    event_id = str(UUID(bytes=head.event_id))
    return {
        "event_id": event_id,
        "type": head.event_type,
        "network": _NETWORK_OF.get(head.topic, HUB),
        "occurred_at": moments.get(event_id),
    }

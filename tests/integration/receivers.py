"""The networks' side of the outbound topics: what each has after applying every record in its order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from os import getpid
from uuid import UUID

from sqlalchemy import select

from hub.codec.updates import UpdateCodec
from hub.consumers.outbound import Told
from hub.domain import snapshot
from hub.domain.ids import NETWORKS
from hub.domain.pathway.pathway import Pathway
from hub.domain.snapshot import STATED, Parts
from hub.domain.topics import OF_NETWORK, OUTBOUND_OF
from hub.domain.update import PathwayUpdated
from hub.ledger import ledger, tail
from hub.ledger.database import reading
from hub.ledger.moments import moment_of
from hub.log.port import Record
from hub.projections import generations
from hub.projections.engine import load_states
from hub.projections.records import of_pathways
from hub.wiring import Hub

_groups = count(1)
NEXT_RECORDS_MS = 500


def feed(hub: Hub, events_at_once: int = 500) -> Told:
    """Tell the networks everything that the ledger holds."""
    with closing(hub.feed(events_at_once)) as opened:
        return opened.until_caught_up(lambda _: None)


def outbound_records(hub: Hub, network: str) -> list[Record]:
    """Give what a network's topic holds, partition by partition."""
    group = f"receiver-{getpid()}-{next(_groups)}"
    found: list[Record] = []
    with closing(hub.log.consumer(lambda _: None, group, [OUTBOUND_OF[network]])) as consumer:
        while not consumer.is_caught_up():
            for batch in consumer.poll(10_000, NEXT_RECORDS_MS):
                found += batch.records
        for batch in consumer.poll(10_000, 0):
            found += batch.records
    return found


@dataclass
class Receiver:
    """A network that keeps the latest update under each key, and forgets what a tombstone names."""

    network: str
    kept: dict[bytes, PathwayUpdated] = field(default_factory=dict)
    seen: dict[bytes, list[PathwayUpdated | None]] = field(default_factory=dict)

    def take(self, record: Record, codec: UpdateCodec) -> None:
        """Apply a record."""
        assert record.key is not None
        update = None if record.value is None else codec.decode(record.value)
        self.seen.setdefault(record.key, []).append(update)
        if update is None:
            self.kept.pop(record.key, None)
            return
        assert update.network == self.network
        before = self.kept.get(record.key)
        if before is None or before.version < update.version:
            self.kept[record.key] = update

    def by_person(self) -> dict[str, PathwayUpdated]:
        """Give what is kept by person; no two keys are one person's."""
        found = {update.person_id: update for update in self.kept.values()}
        assert len(found) == len(self.kept)
        return found


def received(hub: Hub, network: str) -> Receiver:
    """Give what a network has that read its topic from the beginning."""
    receiver, codec = Receiver(network), UpdateCodec(hub.registry)
    for record in outbound_records(hub, network):
        receiver.take(record, codec)
    return receiver


def states(hub: Hub) -> Iterator[tuple[Pathway, set[bytes]]]:
    """Give the state of each pathway, with the references of its case records."""
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        numbers = list(connection.scalars(select(tables.fold.c.pathway_no)))
        members = of_pathways(connection, tables, numbers)
        for number, state in load_states(connection, tables, numbers).items():
            yield state, {row.subject_ref for row in members[number]}


def parts_of(update: PathwayUpdated) -> Parts:
    """Give the parts of an update."""
    about = {"person_id", "version", "network", "is_shortened", "changes"}
    return update.model_dump(exclude=about)


def wanted(state: Pathway, network: str) -> Parts | None:
    """Give the parts that a network should have of a person, as a model reads them."""
    parts = snapshot.parts(state, network)
    if parts is None:
        return None
    frame = {"person_id": state.person_id, "version": 0, "network": network, "is_shortened": False}
    nothing = {"parts": [], "events": [], "is_all": True}
    return parts_of(PathwayUpdated.model_validate({**parts, **frame, "changes": nothing}))


def check_converged(hub: Hub) -> None:
    """Compare what each network has with what it should have, from the states as they are now.

    What it has may lack only what it stated itself since.
    """
    for network in NETWORKS:
        has = received(hub, network).by_person()
        for state, refs in states(hub):
            parts = wanted(state, network)
            update = has.pop(state.person_id, None)
            assert (update is None) == (parts is None), (network, state.person_id)
            if update is None or parts is None:
                continue
            known = parts_of(update)
            differing = {name for name in parts if parts[name] != known[name]}
            if differing:
                assert differing <= STATED, differing
                assert own_since(hub, refs, update.version, network)
        assert has == {}, "a network was told of somebody who is nobody's, or not of its people"


def own_since(hub: Hub, refs: set[bytes], version: int, network: str) -> bool:
    """Tell whether a network itself stated all that came about these case records since a version."""
    with reading(hub.store) as connection:
        last, since = ledger.last_position(connection), ledger.position_at(connection, moment_of(version))
        heads = tail.about(connection, refs, after_position=since, up_to=last)
    return bool(heads) and all(head.topic == OF_NETWORK[network] for head in heads)


def event_ids(update: PathwayUpdated | None) -> list[str]:
    """Give the events that an update names as what changed it."""
    assert update is not None
    return [str(UUID(cause.event_id)) for cause in update.changes.events]

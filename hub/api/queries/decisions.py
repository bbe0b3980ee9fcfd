"""Decisions that people take, from whether they may to the event on the log: for the API and for the pages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from hub.access.asking import Asked
from hub.access.guard import Look
from hub.api import concerned
from hub.api.documents.decisions import Decision, Link, Reject, Settle, Unlink
from hub.api.queries import pairs
from hub.api.services import Services
from hub.domain.access import Reader
from hub.domain.events.base import UNNUMBERED_FROM, Event, Metadata
from hub.domain.events.correction import ContradictionSettled
from hub.domain.events.link import MatchRejected, RecordsLinked, RecordsUnlinked
from hub.domain.ids import NETWORKS, uuid_bytes
from hub.domain.topics import DECISIONS
from hub.errors import Denied
from hub.ledger import ledger, submissions
from hub.producers.submissions import Refused, Taken

SENDING = timedelta(seconds=60)
"""Longer than any request takes to publish a decision."""
Progress = Literal["sending", "unconfirmed", "published", "taken_in"]


def may_decide(reader: Reader) -> bool:
    """Tell whether decisions can be published under a reader's name."""
    return reader.network in NETWORKS and reader.adviser is not None


async def decide(services: Services, asked: Asked, wanted: Decision) -> Taken:
    """Make sure that the reader may decide this, recorded, and publish it.

    Raises:
        Denied: the reader is no adviser, or may not decide about these case records.
        Usage: there is nothing to settle.
        ContractError: the decision breaks the contract.
        LogUnavailable, StoreUnavailable: it may have landed or not.
    """
    if not may_decide(asked.reader):
        raise Denied("decisions are an adviser's; your token names no network or no adviser id")
    await run_in_threadpool(_checked, services, asked, wanted)
    return await publish(services, asked.reader, wanted)


def _checked(services: Services, asked: Asked, wanted: Decision) -> None:
    with services.guard.reading(asked) as look:
        check(services, look, wanted)


def check(services: Services, look: Look, wanted: Decision) -> None:
    """Make sure that the reader may decide this; what was asked for is recorded as a decision.

    Raises:
        Denied: they may not, or there is no such record.
        Usage: there is nothing to settle.
    """
    look.entry.kind = "decide"
    if isinstance(wanted, Settle):
        concerned.check_claims(look, wanted.case.key, wanted.fact)
    else:
        pairs.check(services, look, wanted.left.key, wanted.right.key, wanted.kind)


async def publish(services: Services, reader: Reader, wanted: Decision, random_bytes: bytes | None = None) -> Taken:
    """Publish a decision that was checked, under the reader's name and network.

    Args:
        random_bytes: 16 of them that make its event id, so that a form sent twice is one decision.

    Raises:
        ContentConflict: a decision was published with these bytes before.
        ContractError: the decision breaks the contract.
        LogUnavailable, StoreUnavailable: it may have landed or not.
    """
    event, network = event_of(services, reader, wanted, random_bytes), str(reader.network)
    # In a slot: a log that does not answer must not hold the threads of those who read.
    (taken,) = await services.publish_slots.run(lambda: services.submissions.submit(network, [event]))
    if isinstance(taken, Refused):
        raise taken.error
    return taken


def progress(look: Look, refs: Collection[bytes], event_id: str) -> Progress | None:
    """Tell how far a decision about one of some case records has come; None: nobody took one, or about others.

    `sending` is on its way to the log, `unconfirmed` should have been there long ago: it may have been lost.
    """
    key = uuid_bytes(event_id)
    located = ledger.locate(look.connection, key)
    if located is not None:
        return "taken_in" if located.topic == DECISIONS and located.subject_ref in refs else None
    entered = submissions.entered(look.connection, key)
    if entered is None:
        return None
    if entered.has_place:
        return "published"
    return "sending" if look.now - entered.at < SENDING else "unconfirmed"


def event_of(services: Services, reader: Reader, wanted: Decision, random_bytes: bytes | None = None) -> Event:
    """Give the event that says what was decided."""
    meta = _metadata(services.now(), random_bytes or services.random_bytes(16), reader)
    match wanted:
        case Link():
            return RecordsLinked(
                meta=meta, left=wanted.left, right=wanted.right, evidence=wanted.evidence, comment=wanted.comment
            )
        case Unlink():
            return RecordsUnlinked(
                meta=meta, left=wanted.left, right=wanted.right, reason=wanted.reason, comment=wanted.comment
            )
        case Reject():
            return MatchRejected(meta=meta, left=wanted.left, right=wanted.right, comment=wanted.comment)
        case Settle():
            return ContradictionSettled(
                meta=meta, case=wanted.case, fact=wanted.fact, kept_network=wanted.kept_network, reason=wanted.reason
            )
        case _:
            raise TypeError(f"{type(wanted).__name__} is no kind of decision")


def event_id_of(random_bytes: bytes) -> str:
    """Give the event id that 16 random bytes make."""
    return str(UUID(bytes=random_bytes, version=4))


def _metadata(now: datetime, random_bytes: bytes, reader: Reader) -> Metadata:
    """Say that the adviser decides now; decisions have no place in a case's sequence."""
    return Metadata(
        event_id=event_id_of(random_bytes),
        network=reader.network,
        sequence=UNNUMBERED_FROM + int(now.timestamp() * 1_000_000),
        occurred_at=now,
        recorded_at=now,
        actor_id=reader.adviser,
        organisation=reader.organisation or reader.network,
        site=next(iter(reader.sites)) if len(reader.sites) == 1 else None,
    )

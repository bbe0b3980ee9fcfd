"""A transactional outbox for systems with a SQL database: their events leave with their data, or not at all.

The system writes an event to a table of its own database, in the transaction that changes its data; relays read the
table and publish. An event is sent at least once, always with its own id, by which the hub knows it again. Events of
one case are sent in the order of their rows; a row that breaks the contract is parked with the reason and does not hold
up those that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection, Engine, Row, Table, Update, and_, case, delete, func, null, select, update

from hub.codec.jsonform import from_json
from hub.domain.events.base import Event
from hub.errors import ContractError, HubError, InvalidEvent, StoreUnavailable
from hub.ledger.database import reading, writing
from hub.producers.outbox_table import claim_cases, waiting_rows

_PURGED_AT_ONCE = 10_000


class Parked(NamedTuple):
    """A row that was refused, and why."""

    row_id: int
    event_id: str
    case_token: str
    parked_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Stats:
    """How many rows wait (of which claimed at that moment), are parked or sent, and since when the oldest waits."""

    waiting: int
    claimed: int
    parked: int
    sent: int
    oldest_waiting_at: datetime | None


class Outbox:
    """The operator's view of an outbox: what it holds, what was refused, and the way out for both."""

    def __init__(self, engine: Engine, table: Table) -> None:
        self._engine = engine
        self._table = table

    def stats(self, now: datetime) -> Stats:
        """Count the rows by state."""
        columns, waiting = self._table.c, waiting_rows(self._table)
        is_waiting = case((waiting, 1), else_=0)
        is_claimed = case((and_(waiting, columns.claimed_until > now), 1), else_=0)
        statement = select(
            func.coalesce(func.sum(is_waiting), 0),
            func.coalesce(func.sum(is_claimed), 0),
            func.count(columns.parked_at),
            func.count(columns.sent_at),
            func.min(case((waiting, columns.created_at), else_=null())),
        )
        with reading(self._engine) as connection:
            row = connection.execute(statement).one()
        return Stats(*row)

    def parked(self, limit: int = 100) -> list[Parked]:
        """List the refused rows, oldest first."""
        c = self._table.c
        statement = select(c.id, c.event_id, c.case_token, c.parked_at, c.error).where(c.parked_at.is_not(None))
        with reading(self._engine) as connection:
            return [Parked(*row) for row in connection.execute(statement.order_by(c.id).limit(limit))]

    def release(self, case_token: str | None = None) -> int:
        """Have parked rows tried again, all or those of one case, and say how many.

        To be called when what was missing is there: the row's event was completed. It is then sent before whatever of
        its case still waits.
        """
        parked = self._table.c.parked_at.is_not(None)
        mine = parked if case_token is None else and_(parked, self._table.c.case_token == case_token)
        with writing(self._engine) as connection:
            return connection.execute(update(self._table).where(mine).values(parked_at=None, error=None)).rowcount

    def purge(self, now: datetime, keep: timedelta) -> int:
        """Delete rows that were sent longer ago than `keep`, and say how many; what waits or is parked stays."""
        sent = select(self._table.c.id).where(self._table.c.sent_at < now - keep).limit(_PURGED_AT_ONCE)
        purged = 0
        while True:
            with writing(self._engine) as connection:
                count = connection.execute(delete(self._table).where(self._table.c.id.in_(sent))).rowcount
            purged += count
            if count < _PURGED_AT_ONCE:
                return purged


class BatchPublisher(Protocol):
    """What the relay needs of a publisher."""

    def publish_batch(self, events: Sequence[Event]) -> Sequence[object]:
        """Append all in the order given; when it returns, they are durable.

        Raises:
            ContractError: an event is refused.
            LogUnavailable: they may have landed; publish again.
        """
        ...


class Relayed(NamedTuple):
    """What a pass of a relay did."""

    sent: int
    parked: int


class _Claim(NamedTuple):
    heads: Sequence[int]
    rows: Sequence[Row[*tuple[Any, ...]]]


class OutboxRelay:
    """Publishes what waits in an outbox; any number may run, each with an `owner` name of its own.

    A relay claims cases, not rows: it takes a lease on the first waiting row of a case and with it the rows that
    follow. A relay that dies leaves its lease, and another takes the case over when it runs out, by the relays' own
    clocks. A relay that only seemed dead repeats events already sent, and never overtakes any.
    """

    def __init__(
        self,
        engine: Engine,
        table: Table,
        publisher: BatchPublisher,
        decode: Callable[[bytes], Event],
        now: Callable[[], datetime],
        owner: str,
        lease: timedelta = timedelta(minutes=1),
        batch_size: int = 200,
    ) -> None:
        """Take the outbox, the publisher, and `decode` for framed Avro records."""
        self._engine = engine
        self._table = table
        self._publisher = publisher
        self._decode = decode
        self._now = now
        self._owner = owner
        self._lease = lease
        self._batch_size = batch_size

    def run_once(self) -> Relayed:
        """Send one batch of what nobody else has claimed; `Relayed(0, 0)` when there is nothing.

        Raises:
            LogUnavailable: nothing of the batch counts as sent; run again.
            StoreUnavailable: the outbox is away; what may have been sent will be sent again.
        """
        claim = self._claim()
        if not claim.rows:
            return Relayed(0, 0)
        try:
            events, refused = self._decoded(claim.rows)
            refused |= self._publish(events)
        except HubError as error:
            with suppress(StoreUnavailable), writing(self._engine) as connection:
                ids = [row.id for row in claim.rows]
                connection.execute(self._rows(ids).values(error=f"{error.code}: {error}"))
                self._give_back(connection, claim.heads)
            raise
        return self._settle(claim, refused)

    def drain(self) -> Relayed:
        """Send everything that nobody else has claimed."""
        sent = parked = 0
        while (relayed := self.run_once()) != (0, 0):
            sent, parked = sent + relayed.sent, parked + relayed.parked
        return Relayed(sent, parked)

    def _claim(self) -> _Claim:
        c, now = self._table.c, self._now()
        with writing(self._engine) as connection:
            statement = claim_cases(self._table, self._owner, now, now + self._lease, self._batch_size)
            claimed = connection.execute(statement).all()
            if not claimed:
                return _Claim((), ())
            cases = select(c.case_token).where(c.id.in_([head.id for head in claimed]))
            rows = connection.execute(
                select(c.id, c.event_id, c.event, c.encoded)
                .where(waiting_rows(self._table), c.case_token.in_(cases))
                .order_by(c.id)
                .limit(self._batch_size)
            ).all()
            connection.execute(self._rows([row.id for row in rows]).values(attempts=c.attempts + 1))
        return _Claim([head.id for head in claimed], rows)

    def _decoded(
        self, rows: Sequence[Row[*tuple[Any, ...]]]
    ) -> tuple[list[tuple[int, Event]], dict[int, ContractError]]:
        events: list[tuple[int, Event]] = []
        refused: dict[int, ContractError] = {}
        for row in rows:
            try:
                event = from_json(_document(row.event)) if row.encoded is None else self._decode(row.encoded)
                if event.meta.event_id != row.event_id.lower():
                    raise InvalidEvent("meta.event_id differs from the column event_id; expected the same id in both")
            except ContractError as error:
                refused[row.id] = error
            else:
                events.append((row.id, event))
        return events, refused

    def _publish(self, events: Sequence[tuple[int, Event]]) -> dict[int, ContractError]:
        """Publish in order, halving a batch that is refused until the refused events stand alone."""
        if not events:
            return {}
        try:
            self._publisher.publish_batch([event for _, event in events])
        except ContractError as error:
            if len(events) == 1:
                return {events[0][0]: error}
            middle = len(events) // 2
            return self._publish(events[:middle]) | self._publish(events[middle:])
        return {}

    def _settle(self, claim: _Claim, refused: dict[int, ContractError]) -> Relayed:
        now, sent = self._now(), [row.id for row in claim.rows if row.id not in refused]
        with writing(self._engine) as connection:
            connection.execute(self._rows(sent).values(sent_at=now, error=None))
            for row_id, error in refused.items():
                connection.execute(self._rows([row_id]).values(parked_at=now, error=f"{error.code}: {error}"))
            self._give_back(connection, claim.heads)
        return Relayed(len(sent), len(refused))

    def _rows(self, ids: Sequence[int]) -> Update:
        """Begin an update of rows that nobody has settled meanwhile."""
        return update(self._table).where(self._table.c.id.in_(ids), waiting_rows(self._table))

    def _give_back(self, connection: Connection, heads: Sequence[int]) -> None:
        c = self._table.c
        mine = update(self._table).where(c.id.in_(heads), c.claimed_by == self._owner)
        connection.execute(mine.values(claimed_by=None, claimed_until=None))


def _document(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise InvalidEvent("the column event is not JSON; expected one object") from error

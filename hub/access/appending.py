"""Appending what requests showed to the access log, and holding back who asks for too many people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from hub.access.asking import Asked
from hub.access.recording import Entry, Outcome, Person
from hub.access.together import Together
from hub.access.volume import DAY, Judged, Left, Volume, forget, left, load, rows_of
from hub.domain.access import Limits, Pace, Reader, Sight
from hub.errors import ReadingSlowed, ReadingStopped, StoreUnavailable
from hub.ledger.accesslog import AccessKeys, Chain, Head, Line, PersonRow, added, introduce, take
from hub.ledger.accessmonths import Month, Months, lowest_id, moment_of_entry
from hub.ledger.accessqueries import raise_alarm, states_reason
from hub.ledger.accesswriting import write
from hub.ledger.database import writing
from hub.ledger.moments import microseconds
from hub.ledger.texts import storable


class _Job(NamedTuple):
    asked: Asked
    entry: Entry
    now: datetime


class _Recorded(NamedTuple):
    entry_id: int
    outcome: Outcome
    retry_after_s: int
    alarm_no: int | None


class _NoMonth(Exception):
    """Entries of a month come for the first time."""

    def __init__(self, month: Month) -> None:
        super().__init__()
        self.month = month


class _NoReader(Exception):
    """A reader introduced before is there no more."""


class AccessLog:
    """The recorder of an installation: appends entries, those of requests that end at the same time in one transaction.

    Args:
        limits: without them nobody is counted, slowed or stopped: the command line's readings.
        reason_hours: how long a stated reason counts.
        told: called with `slowed` or `stopped` when a reader is, and the number of the alarm if one was raised.
    """

    def __init__(
        self,
        store: Engine,
        keys: AccessKeys,
        *,
        limits: Limits | None,
        reason_hours: int,
        random_bytes: Callable[[int], bytes],
        told: Callable[[str, int | None], object] = lambda _outcome, _alarm_no: None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._limits = limits
        self._reason_for = timedelta(hours=reason_hours)
        self._random_bytes = random_bytes
        self._told = told
        self._months = Months(store)
        self._introduced: set[str] = set()
        self._apart = count(int.from_bytes(random_bytes(2)))
        self._together = Together(self._append, _AT_ONCE)

    def record(self, asked: Asked, entry: Entry, now: datetime) -> int:
        """Append an entry, on disk when this returns; give its id.

        Raises:
            ReadingSlowed: the reader asked for too many people lately; nothing may be shown.
            ReadingStopped: the reader is stopped; nothing may be shown.
            StoreUnavailable: it could not be recorded; nothing may be shown.
        """
        recorded = self._together.do(_Job(asked, entry, now))
        if recorded.outcome in {"slowed", "stopped"}:
            self._told(recorded.outcome, recorded.alarm_no)
        if recorded.outcome == "slowed":
            raise ReadingSlowed(
                f"you read unusually many people lately; the next one in {recorded.retry_after_s} seconds",
                recorded.retry_after_s,
            )
        if recorded.outcome == "stopped":
            raise ReadingStopped(
                "you asked for too many people and are stopped; the data protection officer can release you"
            )
        return recorded.entry_id

    def has_reason(self, connection: Connection, reader: Reader, person: Person, now: datetime) -> bool:
        """Tell whether a reader stated a reason for a person that still counts."""
        since = lowest_id(now - self._reason_for)
        return states_reason(connection, storable(reader.reader_id), person.refs, since)

    def reason_counts_until(self, now: datetime) -> datetime:
        """Give until when a reason stated now counts."""
        return now + self._reason_for

    def left(self, connection: Connection, reader: Reader, now: datetime) -> Left | None:
        """Tell how many more people other than their own a reader is shown within the hour; None: nobody is counted."""
        if self._limits is None:
            return None
        return left(connection, storable(reader.reader_id), self._limits, microseconds(now))

    def _append(self, jobs: Sequence[_Job]) -> list[_Recorded]:
        readers = {_id_of(job) for job in jobs}
        for _ in range(_ATTEMPTS):
            self._introduce(readers)
            try:
                with writing(self._store) as connection:
                    return self._in_transaction(connection, jobs, readers)
            except _NoMonth as missing:
                self._months.make(missing.month)
            except _NoReader:
                self._introduced -= readers
            except IntegrityError:
                # Another process gave the same id in the same microsecond, or a month is there no more.
                self._months.forget()
        raise StoreUnavailable("the access log took no entry; nothing was shown, try again")

    def _introduce(self, readers: set[str]) -> None:
        if unknown := readers - self._introduced:
            with writing(self._store) as connection:
                introduce(connection, unknown, self._keys)
            self._introduced |= unknown

    def _in_transaction(self, connection: Connection, jobs: Sequence[_Job], readers: set[str]) -> list[_Recorded]:
        heads = take(connection, readers)
        if len(heads) < len(readers):
            raise _NoReader
        chains = {reader_id: Chain(head, self._keys, self._random_bytes) for reader_id, head in heads.items()}
        counts = self._volumes(connection, jobs, heads)
        recorded = []
        for job in jobs:
            chain = chains[_id_of(job)]
            recorded.append(self._add(connection, job, chain, counts.get(chain.head.reader_no)))
        changed = [row for reader_no, volume in counts.items() for row in rows_of(reader_no, volume)]
        write(connection, added(chains.values(), changed))
        return recorded

    def _volumes(self, connection: Connection, jobs: Sequence[_Job], heads: Mapping[str, Head]) -> dict[int, Volume]:
        """Read the counts of the readers whose requests count, those who are stopped left out."""
        if self._limits is None:
            return {}
        asked: defaultdict[int, set[tuple[bytes, str]]] = defaultdict(set)
        systems: set[int] = set()
        now = max(job.now for job in jobs)
        for job in jobs:
            head, counted = heads[_id_of(job)], self._counted(job.entry)
            if head.alarm_no is None and counted:
                asked[head.reader_no].update(counted.items())
                systems.update({head.reader_no} if job.asked.reader.is_system else ())
                if head.last_entry and moment_of_entry(head.last_entry).date() < now.date():
                    forget(connection, head.reader_no, before=microseconds(now) - DAY)
        return load(connection, asked, systems, self._limits, microseconds(now)) if asked else {}

    def _counted(self, entry: Entry) -> dict[bytes, str]:
        return {self._key(person): shown.counted for person, shown in entry.people.items() if shown.counted}

    def _key(self, person: Person) -> bytes:
        return person.refs[0] if person.refs else self._keys.token(person.asked)

    def _add(self, connection: Connection, job: _Job, chain: Chain, volume: Volume | None) -> _Recorded:
        entry_id = chain.next_id(job.now, next(self._apart))
        month = Month.of(moment_of_entry(entry_id))
        if not self._months.ready(month):
            raise _NoMonth(month)
        outcome: Outcome = "refused" if job.entry.is_refused else "shown"
        judged, alarm_no = Judged(Pace.FREE), None
        if self._limits is not None and chain.head.alarm_no is not None:
            outcome = "stopped"
        elif volume is not None and (counted := self._counted(job.entry)):
            judged = volume.ask(counted, microseconds(job.now))
            outcome = _OUTCOMES.get(judged.pace, outcome)
            if judged.pace is Pace.STOPPED:
                alarm_no = raise_alarm(connection, entry_id, chain.head, judged.counted, judged.people, judged.most)
                chain.head = chain.head._replace(alarm_no=alarm_no)
        chain.add(entry_id, _line(job, outcome))
        return _Recorded(entry_id, outcome, judged.retry_after_s, alarm_no)


_AT_ONCE = 64
_ATTEMPTS = 5
_OUTCOMES: Mapping[Pace, Outcome] = {Pace.SLOWED: "slowed", Pace.STOPPED: "stopped"}


def _id_of(job: _Job) -> str:
    return storable(job.asked.reader.reader_id)


def _line(job: _Job, outcome: Outcome) -> Line:
    reader, entry = job.asked.reader, job.entry
    rows: dict[bytes, PersonRow] = {}
    for person, shown in entry.people.items():
        sight = shown.sight if outcome == "shown" else Sight.NOTHING
        for ref in person.refs:
            row = PersonRow(ref, person.refs[0], int(sight), shown.ground, shown.counted)
            rows[ref] = max(row, rows.get(ref, row), key=lambda each: each.sight)
    return Line(
        _id_of(job),
        ",".join(sorted(reader.roles)),
        reader.network,
        None if reader.organisation is None else storable(reader.organisation),
        job.asked.through,
        entry.kind,
        entry.code,
        outcome,
        entry.reason,
        [rows[ref] for ref in sorted(rows)],
    )

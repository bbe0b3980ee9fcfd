"""The guard: every reading of people passes it, is decided by `hub.domain.access`, and recorded before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from hub.access.asking import Asked
from hub.access.recording import Entry, Person, Recorder
from hub.access.ties import accompanied, ties_of
from hub.audit.moments import day_in_france
from hub.domain.access import Reader, Sight, Tie, Verdict, sees
from hub.errors import Denied, HubError, NotFound, Usage
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import Found, find
from hub.projections.tables import Tables

UNSEEN = "you do not accompany this person, or there is no such person; state a reason first if you must read them"
"""One text for both, so that nobody learns who is in the hub."""


class Seen(NamedTuple):
    """A person found, how much of them the reader sees, and who accompanies them."""

    found: Found
    verdict: Verdict
    ties: Sequence[Tie]


@dataclass
class Look:
    """One request's reading: a snapshot, and the people it shows."""

    connection: Connection
    tables: Tables
    asked: Asked
    now: datetime
    recorder: Recorder
    entry: Entry = field(default_factory=Entry)
    _accompanied: dict[Reader, list[int]] = field(default_factory=dict)

    def accompanied(self, reader: Reader) -> list[int]:
        """Give the numbers of the pathways that a reader accompanies, or leads the site of, today: looked up once."""
        if reader not in self._accompanied:
            rows = self.connection.scalars(accompanied(self.tables, reader, day_in_france(self.now)).distinct())
            self._accompanied[reader] = sorted(rows)
        return self._accompanied[reader]

    def find(self, name: str) -> Found:
        """Find a person, whoever may see them.

        Raises:
            Denied: there is no such person. The attempt is recorded.
        """
        try:
            return find(self.connection, self.tables, name)
        except (NotFound, Usage):
            self.entry.refuse(Person.nobody(name))
            raise Denied(UNSEEN) from None

    def person(self, name: str) -> Seen:
        """Find a person and decide what the reader sees of them.

        Raises:
            Denied: nothing; or there is no such person. The attempt is recorded.
        """
        found = self.find(name)
        person = Person.of(found)
        ties: Sequence[Tie] = ()
        if (number := found.pathway_no) is not None:
            ties = ties_of(self.connection, self.tables, [number])[number]
        verdict = self._verdict(ties, person)
        if verdict.sight is Sight.NOTHING:
            self.entry.refuse(person)
            raise Denied(UNSEEN)
        self.entry.read(person, verdict)
        return Seen(found, verdict, ties)

    def _verdict(self, ties: Sequence[Tie], person: Person) -> Verdict:
        reader, today = self.asked.reader, day_in_france(self.now)
        without = sees(reader, ties, today, has_reason=False)
        if without.sight is Sight.FULL:
            return without
        has_reason = self.recorder.has_reason(self.connection, reader, person, self.now)
        return sees(reader, ties, today, has_reason=True) if has_reason else without


class Guard:
    """Opens readings of people, and records each as one entry."""

    def __init__(self, store: Engine, recorder: Recorder, now: Callable[[], datetime]) -> None:
        self._store = store
        self._recorder = recorder
        self._now = now

    @contextmanager
    def reading(self, asked: Asked) -> Iterator[Look]:
        """Give a snapshot to read people in; leaving it appends the entry of the access log.

        What was read must be shown only after this was left without an error.

        Raises:
            ReadingSlowed, ReadingStopped: the reader read too many people; nothing may be shown.
            StoreUnavailable: it could not be recorded; nothing may be shown.
        """
        entry = Entry()
        try:
            with reading(self._store) as connection:
                tables = generations.live(connection)
                yield Look(connection, tables, asked, self._now(), self._recorder, entry)
        except HubError as error:
            # Whoever was found before it failed was looked at: an error can tell something too.
            if entry.people and not error.retriable:
                self._recorder.record(asked, entry, self._now())
            raise
        self._recorder.record(asked, entry, self._now())
